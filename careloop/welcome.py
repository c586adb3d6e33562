"""What `careloop run` says when it is up, and the demo data that it loads then."""

from typing import Final

import structlog

from shared.clock import utcnow
from shared.remedies import remedy
from shared.settings import CommonSettings
from standalone.compose import System
from standalone.demo.load import load_demo
from standalone.first_people import ensure_first_people
from standalone.run import Beside

log = structlog.get_logger()

ADDRESSES: Final = """
CareLoop runs on {url}

  {url}/dashboard      figures, trends and the books
  {url}/api/docs       every operation
  {url}/outbox         notices to customers, with the links to their surveys
  {url}/sign-in        sign in (development: one click a role)

  make token ROLE=agent      a token for the API (customer, agent, supervisor, manager, admin, …)

Ctrl-C ends it; the data stay.
"""

WITHOUT_DEVELOPMENT: Final = """
CareLoop runs on {url}

  {url}/dashboard      figures, trends and the books
  {url}/api/docs       every operation
  {url}/sign-in        sign in; `careloop admin create NAME` makes the first account

Ctrl-C ends it; the data stay.
"""


def welcome(*, demo: bool) -> Beside:
    """Return what is done beside serving: say where to look, then load the demo if wanted."""

    async def beside(system: System, common: CommonSettings) -> None:
        if not common.development:
            print(WITHOUT_DEVELOPMENT.format(url=common.public_url), flush=True)
            return
        print(ADDRESSES.format(url=common.public_url), flush=True)
        if demo:
            await _show_demo(system, common)
        else:
            await _hire_first_people(system)

    return beside


async def _hire_first_people(system: System) -> None:
    try:
        async with system.databases["tickets"].transaction() as session:
            await ensure_first_people(session, now=utcnow())
    except Exception as error:
        log.exception("first_people_failed")
        said = remedy(error) or "the log says why"
        print(f"The first people could not be hired: {said}. Everything else runs.", flush=True)


async def _show_demo(system: System, common: CommonSettings) -> None:
    print("Loading twelve weeks of demo data (DEMO=0 leaves them out)…", flush=True)
    try:
        token = await load_demo(system)
    except Exception:
        log.exception("demo_failed")
        print("The demo could not be loaded whole; everything else runs.", flush=True)
        return
    print("The demo is there.", flush=True)
    if token is not None:
        print(f"  {common.public_url}/s/{token}   a survey, as a customer sees it", flush=True)
