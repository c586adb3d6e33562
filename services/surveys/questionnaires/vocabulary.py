"""The words of a questionnaire."""

from enum import StrEnum


class Language(StrEnum):
    """Chinese or English."""

    ZH = "zh"
    EN = "en"


class QuestionType(StrEnum):
    """How a question is answered: 1 to its highest level, yes or no, 0 to 10, or in words."""

    SCALE = "scale"
    YES_NO = "yes_no"
    NPS = "nps"
    TEXT = "text"


class Metric(StrEnum):
    """What an answer feeds beyond the results of its own question."""

    SATISFACTION = "satisfaction"
    SOLVED = "solved"
    CONTACTED_AGAIN = "contacted_again"
    NPS = "nps"


class AnswerProblem(StrEnum):
    """Why an answer is not accepted."""

    REQUIRED = "required"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    NOT_STORABLE = "not_storable"
    UNKNOWN_QUESTION = "unknown_question"


QUESTION_TYPE_LABELS = {
    QuestionType.SCALE: ("量表", "Scale"),
    QuestionType.YES_NO: ("是否", "Yes or no"),
    QuestionType.NPS: ("推荐意愿 0–10", "Likelihood to recommend, 0–10"),
    QuestionType.TEXT: ("文字", "Text"),
}

METRIC_LABELS = {
    Metric.SATISFACTION: ("满意度", "Satisfaction"),
    Metric.SOLVED: ("是否解决", "Solved"),
    Metric.CONTACTED_AGAIN: ("是否再次联系", "Contacted again"),
    Metric.NPS: ("净推荐值", "Net promoter score"),
}

ANSWER_PROBLEM_LABELS = {
    AnswerProblem.REQUIRED: ("这一题还没有回答", "Not answered yet"),
    AnswerProblem.WRONG_TYPE: ("答案的类型不对", "Wrong kind of answer"),
    AnswerProblem.OUT_OF_RANGE: ("没有这个选项", "No such choice"),
    AnswerProblem.TOO_LONG: ("文字太长", "Too long"),
    AnswerProblem.NOT_STORABLE: ("文字里有无法保存的字符", "Characters that cannot be stored"),
    AnswerProblem.UNKNOWN_QUESTION: ("问卷里没有这一题", "No such question"),
}
