"""Titles of the problems that every service may answer with; services add their own."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "malformed_request": ("请求无法读取", "The request cannot be read"),
    "not_authenticated": ("请先登录", "Sign in first"),
    "issuer_away": ("暂时无法核对登录身份", "Who you are cannot be checked now"),
    "not_allowed": ("没有权限", "Not allowed"),
    "not_found": ("没有找到", "Not found"),
    "method_not_allowed": ("不支持这种操作", "Method not allowed"),
    "not_acceptable": ("无法按要求的格式返回", "Not acceptable"),
    "too_slow": ("请求传输太慢", "The request came too slowly"),
    "too_large": ("内容太大", "Too large"),
    "too_many_requests": ("请求过于频繁,请稍后再试", "Too many requests"),
    "unsupported_media_type": ("请用 JSON 发送", "Unsupported media type"),
    "invalid_request": ("有内容需要修改", "Some fields need attention"),
    "idempotency_key_missing": ("缺少 Idempotency-Key", "Idempotency-Key is missing"),
    "idempotency_key_invalid": ("Idempotency-Key 格式不对", "Idempotency-Key is malformed"),
    "idempotency_key_reused": (
        "这个 Idempotency-Key 已用于另一个请求",
        "The Idempotency-Key was used for another request",
    ),
    "answer_erased": ("原答复已随客户资料删除", "The answer was erased with the customer's data"),
    "customer_erased": ("该客户的资料已按要求删除", "The customer's data were erased"),
    "version_required": ("请说明依据的版本", "Say which version you changed"),
    "stale_version": ("内容已被他人修改", "It was changed meanwhile"),
    "invalid_cursor": ("翻页标记无效", "The cursor is not valid"),
    "invalid_anchor": ("锚点格式不对", "The anchor is not valid"),
    "dead_letter_not_found": ("没有找到这条死信", "No such dead letter"),
    "dead_letter_settled": ("这条死信已经处理过", "The dead letter is settled already"),
    "book_run_not_found": ("没有这次对账", "No such run over the books"),
    "snapshot_not_found": ("没有找到这次快照", "No such snapshot"),
    "unknown_snapshot_kind": ("这个服务不能重述这类内容", "This service cannot say that again"),
    "unknown_service": ("没有这个服务", "No such service"),
    "reason_missing": ("请说明理由", "Say why"),
    "unavailable": ("服务暂时不可用", "Unavailable for the moment"),
    "internal_error": ("系统出错,已记录", "Something went wrong here"),
}
