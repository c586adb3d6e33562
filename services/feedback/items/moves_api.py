"""The steps of feedback over HTTP: POST /api/v1/feedback/{id}/<verb>."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.feedback.items.access import locked
from services.feedback.items.classify_item import classify_item
from services.feedback.items.close_item import close_item
from services.feedback.items.history_schemas import FeedbackReplyOut, reply_out
from services.feedback.items.queries import Item
from services.feedback.items.reply_to_customer import reply_to_customer
from services.feedback.items.schemas import (
    FeedbackAnswer,
    FeedbackAssignment,
    FeedbackClassification,
    FeedbackNote,
    FeedbackOut,
    FeedbackResult,
    FeedbackWeight,
    feedback_out,
)
from services.feedback.items.vocabulary import ItemMove
from services.feedback.items.weigh_item import weigh_item
from services.feedback.items.work_on_item import (
    assign_item,
    confirm_item,
    give_result,
    move_item,
    resume_item,
)
from shared.auth.callers import CurrentActor
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.concurrency import tag
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/feedback/{item_id}",
    tags=["feedback"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422),
)

Mine = Annotated[Item, Depends(locked(Permission.FEEDBACK_WORK))]
ToAssign = Annotated[Item, Depends(locked(Permission.FEEDBACK_ASSIGN))]


@router.post("/classify", operation_id="classify_feedback")
async def classify(
    body: FeedbackClassification,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Say what it is about, confirming or correcting the proposal; it has an owner from then on."""
    terms = request.app.state.receiving.terms
    moved = await classify_item(session, item, body.said, terms=terms, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/analyze", operation_id="analyze_feedback")
async def analyze(
    body: FeedbackNote,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Write down what was found; the next step is to act on it."""
    vault = request.app.state.vault
    moved = await move_item(
        session, vault, item, ItemMove.ANALYZE, note=body.note, actor=actor, now=utcnow()
    )
    return _shown(moved, answer)


@router.post("/process", operation_id="process_feedback")
async def process(
    body: FeedbackNote,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Begin to act on what was found."""
    vault = request.app.state.vault
    moved = await move_item(
        session, vault, item, ItemMove.PROCESS, note=body.note, actor=actor, now=utcnow()
    )
    return _shown(moved, answer)


@router.post("/result", operation_id="give_feedback_result")
async def result(
    body: FeedbackResult,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Write down a preliminary result; the first one stops the result clock."""
    moved = await give_result(
        session, request.app.state.vault, item, text=body.text, actor=actor, now=utcnow()
    )
    return _shown(moved, answer)


@router.post("/replies", status_code=201, operation_id="answer_feedback")
async def reply(
    body: FeedbackAnswer,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
) -> FeedbackReplyOut:
    """Answer the customer; the first answer stops the response clock."""
    given = await reply_to_customer(
        session,
        request.app.state.vault,
        item,
        text=body.text,
        channel=body.channel,
        actor=actor,
        now=utcnow(),
    )
    return reply_out(given)


@router.post("/follow-up", operation_id="follow_up_feedback")
async def follow_up(
    body: FeedbackNote,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Begin to follow up whether it is settled for the customer."""
    vault = request.app.state.vault
    moved = await move_item(
        session, vault, item, ItemMove.FOLLOW_UP, note=body.note, actor=actor, now=utcnow()
    )
    return _shown(moved, answer)


@router.post("/verify", operation_id="verify_feedback")
async def verify(
    body: FeedbackNote,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Write down that the customer confirmed that it is settled."""
    vault = request.app.state.vault
    moved = await confirm_item(session, vault, item, note=body.note, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/resume", operation_id="resume_feedback")
async def resume(
    body: FeedbackNote,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Go on with the work because the customer is not content."""
    vault = request.app.state.vault
    moved = await resume_item(session, vault, item, note=body.note, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/close", operation_id="close_feedback")
async def close(
    item: Mine, actor: CurrentActor, session: Transaction, request: Request, answer: Response
) -> FeedbackOut:
    """Close what is proven to be settled; 409 names what is missing, and the state stays."""
    terms = request.app.state.receiving.terms
    moved = await close_item(session, item, terms=terms, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/assign", operation_id="assign_feedback")
async def assign(
    body: FeedbackAssignment,
    item: ToAssign,
    actor: CurrentActor,
    session: Transaction,
    answer: Response,
) -> FeedbackOut:
    """Give it to somebody else."""
    moved = await assign_item(session, item, body.owner_id, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/weigh", operation_id="weigh_feedback")
async def weigh(
    body: FeedbackWeight,
    item: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> FeedbackOut:
    """Say how important it is, with a reason; both limits run anew from its receipt."""
    moved = await weigh_item(
        session,
        item,
        body.importance,
        reason=body.reason,
        terms=request.app.state.receiving.terms,
        actor=actor,
        now=utcnow(),
    )
    return _shown(moved, answer)


def _shown(item: Item, answer: Response) -> FeedbackOut:
    tag(answer, item.version)
    return feedback_out(item, utcnow())
