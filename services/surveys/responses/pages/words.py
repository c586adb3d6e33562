"""The words of the pages, Chinese first; what is asked stands in the questionnaire."""

from collections.abc import Mapping
from typing import Final

from services.surveys.questionnaires.rules import Bilingual
from services.surveys.questionnaires.vocabulary import AnswerProblem, Language, QuestionType
from services.surveys.responses.vocabulary import CALLBACK_TIME_LABELS

WORDS: Final[Mapping[str, Bilingual]] = {
    "other_language": Bilingual("English", "中文"),
    "why": Bilingual(
        "关于您 {day}结束的{subject}，约 {minutes} 分钟",
        "About your {subject} that ended on {day} · about {minutes} min",
    ),
    "optional": Bilingual(
        "除了标“必答”的题，其他都可以跳过。",
        "Only the questions marked Required need an answer.",
    ),
    "required": Bilingual("必答", "Required"),
    "progress": Bilingual("已答 {n} 题，共 {all} 题", "{n} of {all} answered"),
    "submit": Bilingual("提交", "Submit"),
    "sending": Bilingual("正在提交…", "Sending…"),
    "slow": Bilingual(
        "网络有点慢，还没收到回应。可以再点一次提交，不会重复记录。",
        "The network is slow. You can press Submit again; it is counted once.",
    ),
    "offline": Bilingual(
        "现在没有网络。您的回答已留在这个页面，连上网后再点提交。",
        "You are offline. Your answers stay on this page; submit them when you are back online.",
    ),
    "one_to_mend": Bilingual("还有 1 题需要您看一下", "One question needs another look"),
    "some_to_mend": Bilingual("还有 {n} 题需要您看一下", "{n} questions need another look"),
    "left": Bilingual("还可以写 {n} 字", "{n} characters left"),
    "over": Bilingual("多了 {n} 字，请删短一些", "{n} characters too many"),
    "private": Bilingual(
        "您的回答只用于改进服务和跟进您的问题。",
        "Your answers are only used to improve our service and to follow up on your case.",
    ),
    "thanks_title": Bilingual("谢谢，您的回答已收到", "Thank you, we have your answers"),
    "thanks": Bilingual(
        "您的回答会和其他客户的一起，用来找出我们该改进的地方。",
        "Together with those of other customers, they show us where to do better.",
    ),
    "thanks_low_title": Bilingual("谢谢您告诉我们实情", "Thank you for being frank"),
    "thanks_low": Bilingual(
        "这次没有让您满意，我们很抱歉。您的回答已经收到。",
        "We are sorry that we let you down. We have your answers.",
    ),
    "used": Bilingual(
        "每个链接只用一次，这一份已经答过，可以放心关闭页面。",
        "A link works once and this one is answered; you can close the page.",
    ),
    "callback_title": Bilingual("要我们给您回个电话吗？", "Would you like us to call you?"),
    "callback_why": Bilingual(
        "想把事情说清楚，或者还需要帮忙，可以在这里留个话。不勾选也没关系。",
        "If you would like to talk it through or still need help, let us know here.",
    ),
    "callback_tick": Bilingual("请给我回电话", "Please call me"),
    "callback_when": Bilingual("什么时候方便？", "When would suit you?"),
    "callback_send": Bilingual("告诉我们", "Let us know"),
    "callback_unticked": Bilingual(
        "还没有勾选“请给我回电话”。需要回电的话，请先勾选。",
        "The box is not ticked yet. Tick it if you would like a call.",
    ),
    "callback_noted": Bilingual("已记下：请给您回电话", "Noted: please call me"),
    "callback_noted_when": Bilingual("您方便的时间：{}", "Best time: {}"),
    "missing_title": Bilingual("这个链接打不开了", "This link does not open anything"),
    "missing": Bilingual(
        "它可能已经过期，或者没有复制完整。请回到收到的消息里，再点一次链接试试。",
        "It may have expired or been cut off. Please try the link in your message again.",
    ),
    "missing_then": Bilingual(
        "还是打不开也没关系：有话想说，请用您平时联系我们的方式找我们。",
        "If it still does not open, please reach us the way you usually do.",
    ),
    "trouble_title": Bilingual("刚才没能存好", "We could not save your answers"),
    "trouble": Bilingual(
        "是我们这边出了问题。您的回答都还在这个页面上，请过一会儿再点一次。",
        "The fault is ours. Your answers are still on this page; please try again in a moment.",
    ),
    "trouble_again": Bilingual("再提交一次", "Send again"),
    "away_title": Bilingual("页面暂时打不开", "This page is not available just now"),
    "away": Bilingual(
        "是我们这边出了问题，您的链接没有坏。请过一会儿再试。",
        "The fault is ours and your link still works; please try again in a moment.",
    ),
    "away_again": Bilingual("再试一次", "Try again"),
}

REQUIRED_OF: Final[Mapping[QuestionType, Bilingual]] = {
    QuestionType.SCALE: Bilingual(
        "这一题还没选，点一个最接近您感受的数字", "Please pick the number that fits best"
    ),
    QuestionType.YES_NO: Bilingual("这一题还没选，两个里点一个就好", "Please pick one of the two"),
    QuestionType.NPS: Bilingual(
        "这一题还没选，从 0 到 10 点一个数字", "Please pick a number from 0 to 10"
    ),
    QuestionType.TEXT: Bilingual("这一题还没写，写一句就好", "Please write a few words"),
}

PROBLEMS: Final[Mapping[AnswerProblem, Bilingual]] = {
    AnswerProblem.WRONG_TYPE: Bilingual(
        "这个回答没有认出来，请重新选一次", "We could not read this answer; please pick it again"
    ),
    AnswerProblem.OUT_OF_RANGE: Bilingual(
        "没有这个选项，请重新选一次", "There is no such choice; please pick again"
    ),
    AnswerProblem.TOO_LONG: Bilingual(
        "最多 {most} 字，现在有 {now} 字，请删短一些",
        "At most {most} characters, now {now}; please shorten it",
    ),
    AnswerProblem.NOT_STORABLE: Bilingual(
        "文字里有存不下来的特殊字符，多半是粘贴时带进来的，请删掉后再提交",
        "There are characters that cannot be saved, often from pasting; please remove them",
    ),
}

CALLBACK_TIMES: Final = {time: Bilingual(*said) for time, said in CALLBACK_TIME_LABELS.items()}

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def words_of(language: Language) -> dict[str, str]:
    """Return the words in one language."""
    return {name: text.in_language(language) for name, text in WORDS.items()}
