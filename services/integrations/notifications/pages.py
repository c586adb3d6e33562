"""The page on which a developer reads what customers would have got."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.integrations.appearance.page import page, page_language
from services.integrations.notifications.show_outbox import show_outbox
from services.integrations.notifications.words import WORDS
from shared.http.problems import ProblemError
from shared.http.transaction import Transaction

router = APIRouter(include_in_schema=False)


@router.get("/outbox", response_class=HTMLResponse)
async def outbox(request: Request, session: Transaction) -> Response:
    """Show the newest notices; outside development there is no such page."""
    state = request.app.state
    if not state.sign_in.development:
        raise ProblemError(404, "not_found", "There is no such page.")
    notices = await show_outbox(
        session, state.vault, state.letterhead, language=page_language(request)
    )
    return page(request, "outbox.html.j2", WORDS, address={}, notices=notices)
