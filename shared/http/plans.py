"""How a door is asked: planned once from what FastAPI knows of it, followed by each request.

FastAPI walks down to every dependency anew, also to one whose value is known, and works out again
what each parameter is: half of a small request's time. The plan gives the same arguments and the
same errors; what is rare, such as a missing parameter, is left to FastAPI's own functions.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from inspect import isasyncgenfunction, isclass, iscoroutinefunction, isgeneratorfunction
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from fastapi.utils import is_body_allowed_for_status_code
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

CONSTANT: Final = (NoneType, bool, int, str)
MANY: Final = (list, set, frozenset, tuple, dict, BaseModel)
UNKNOWN: Final = object()


@dataclass(slots=True)
class Asked:
    """One request on its way through a plan; `given` takes the headers that a door sets."""

    request: Request
    body: Any
    given: Response | None = None
    known: dict[Any, Any] = field(default_factory=dict)
    errors: list[Any] = field(default_factory=list)

    def response(self) -> Response:
        """Return the response on which a door writes its headers and status."""
        if self.given is None:
            self.given = Response()
            del self.given.headers["content-length"]
            self.given.status_code = None  # type: ignore[assignment] # unless a door says one
        return self.given


def planned(route: APIRoute) -> Handler:
    """Return the handler of a route. Raises TypeError for what no plan knows: forms, generators."""
    if route.body_field is not None and isinstance(route.body_field.field_info, Form):
        msg = f"{route.path}: a form is read by a route of its own class"
        raise TypeError(msg)
    door, has_body = _Step(route.dependant, route), route.body_field is not None

    async def handle(request: Request) -> Response:
        asked = Asked(request, await _body(request) if has_body else PydanticUndefined)
        arguments = await door.arguments(asked)
        if asked.errors:
            body = None if asked.body is PydanticUndefined else asked.body
            raise RequestValidationError(asked.errors, body=body)
        return _answer(route, await door.call(**arguments), asked.given)

    return handle


class _Step:
    """Something to call, a dependency or the door itself, and where its arguments come from."""

    def __init__(self, dependant: Dependant, route: APIRoute) -> None:
        self.key = cast("Callable[..., Any]", dependant.call)
        self.call = _awaited(self.key)
        self._needs = [(sub.name, _Step(sub, route)) for sub in dependant.dependencies]
        self._path = _Parameters(dependant.path_params)
        self._query = _Parameters(dependant.query_params)
        self._headers, self._cookies = dependant.header_params, dependant.cookie_params
        self._body = dependant.body_params
        self._embedded = all(one is not route.body_field for one in self._body)
        self._request_name = dependant.request_param_name
        self._response_name = dependant.response_param_name

    async def value(self, asked: Asked) -> Any:
        """Return what the call gives, once a request; UNKNOWN when an argument is wrong."""
        known = asked.known.get(self.key, UNKNOWN)
        if known is not UNKNOWN:
            return known
        before = len(asked.errors)
        arguments = await self.arguments(asked)
        if len(asked.errors) > before:
            return UNKNOWN
        value = asked.known[self.key] = await self.call(**arguments)
        return value

    async def arguments(self, asked: Asked) -> dict[str, Any]:
        """Return what to call it with; what is wrong with the request is added to its errors."""
        request, values, errors = asked.request, {}, asked.errors
        for name, step in self._needs:
            value = await step.value(asked)
            if name is not None and value is not UNKNOWN:
                values[name] = value
        if self._path:
            self._path.read(request.path_params, values, errors)
        if self._query:
            self._query.read(request.query_params, values, errors)
        if self._headers:
            _take(request_params_to_args(self._headers, request.headers), values, errors)
        if self._cookies:
            _take(request_params_to_args(self._cookies, request.cookies), values, errors)
        if self._body:
            told = await request_body_to_args(self._body, asked.body, self._embedded)
            _take(told, values, errors)
        if self._request_name:
            values[self._request_name] = request
        if self._response_name:
            values[self._response_name] = asked.response()
        return values


class _Parameters:
    """Parameters of the path or the query; those of one plain value are read without a detour."""

    def __init__(self, fields: list[Any]) -> None:
        self._plain = [(one, one.alias, one.default) for one in fields if _is_plain(one)]
        self._other = [one for one in fields if not _is_plain(one)]

    def __bool__(self) -> bool:
        return bool(self._plain or self._other)

    def read(self, received: Mapping[str, Any], values: dict[str, Any], errors: list[Any]) -> None:
        """Read what is received into the values; what is wrong with it into the errors."""
        for one, alias, default in self._plain:
            given = received.get(alias)
            if given is None and default is not PydanticUndefined:
                values[one.name] = default
                continue
            if given is None:
                _take(request_params_to_args([one], received), values, errors)
                continue
            value, wrong = one.validate(given, loc=(one.field_info.in_.value, alias))
            if wrong:
                errors.extend(wrong)
            else:
                values[one.name] = value
        if self._other:
            _take(request_params_to_args(self._other, received), values, errors)


def _is_plain(one: Any) -> bool:
    """Return whether a parameter is one value under one name, with a default that nobody alters."""
    annotation, info = one.field_info.annotation, one.field_info
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    kinds = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else [annotation]
    simple = all(isclass(kind) and not issubclass(kind, MANY) for kind in kinds)
    constant = info.is_required() or isinstance(one.default, CONSTANT)
    return simple and constant and not info.validate_default and one.validation_alias is None


def _awaited(call: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return a call that can be awaited; to make a small object needs no thread of its own."""
    if iscoroutinefunction(call) or iscoroutinefunction(getattr(call, "__call__", None)):  # noqa: B004
        return call
    if isgeneratorfunction(call) or isasyncgenfunction(call):
        msg = f"{call.__qualname__}: a door's dependency returns, it does not yield"
        raise TypeError(msg)

    async def made(**arguments: Any) -> Any:
        return call(**arguments)

    async def run(**arguments: Any) -> Any:
        return await run_in_threadpool(call, **arguments)

    return made if isclass(call) else run


def _take(
    told: tuple[dict[str, Any], list[Any]], values: dict[str, Any], errors: list[Any]
) -> None:
    values.update(told[0])
    errors.extend(told[1])


async def _body(request: Request) -> Any:
    """Return the body: read as JSON, as bytes when it does not say that it is JSON."""
    try:
        content = await request.body()
        if not content:
            return PydanticUndefined
        if not _is_json(request.headers.get("content-type", "")):
            return content
        return await request.json()
    except json.JSONDecodeError as error:
        wrong = {
            "type": "json_invalid",
            "loc": ("body", error.pos),
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": error.msg},
        }
        raise RequestValidationError([wrong], body=error.doc) from error
    except HTTPException:
        raise
    except Exception as error:  # bytes that are no text, or nested beyond all measure
        raise HTTPException(400, "There was an error parsing the body") from error


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("application/") and kind.endswith(("/json", "+json"))


def _answer(route: APIRoute, told: Any, given: Response | None) -> Response:
    """Return a door's answer: what it says, in the form that its return type promises."""
    if isinstance(told, Response):
        return told
    status = (given.status_code if given is not None else None) or route.status_code or 200
    field_, kind = route.response_field, route.response_class
    if isinstance(kind, DefaultPlaceholder) and field_ is not None:
        value, wrong = field_.validate(told, {}, loc=("response",))
        if wrong:
            raise ResponseValidationError(errors=wrong, body=told)
        answer = Response(field_.serialize_json(value), status, media_type="application/json")
    else:
        shown = kind.value if isinstance(kind, DefaultPlaceholder) else kind
        answer = shown(jsonable_encoder(told), status)
    if not is_body_allowed_for_status_code(status):
        answer.body = b""
    if given is not None:
        answer.raw_headers.extend(given.raw_headers)
    return answer
