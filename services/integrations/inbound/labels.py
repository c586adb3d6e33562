"""The words of this capability with their Chinese and English labels."""

from collections.abc import Mapping
from typing import Final

from services.integrations.inbound.vocabulary import (
    AttemptRefusal,
    DeliveryState,
    Encoding,
    Misfit,
    RecordKind,
    TimestampUnit,
    Verifier,
)
from services.integrations.partners.vocabulary import SignatureRefusal
from shared.vocabulary import Labels, labels_of

INBOUND_LABELS: Final[Mapping[str, Labels]] = {
    "inbound_verifier": labels_of(
        Verifier,
        {
            Verifier.STANDARD_WEBHOOKS: ("Standard Webhooks", "Standard Webhooks"),
            Verifier.HMAC_BODY: ("正文的 HMAC", "HMAC of the body"),
            Verifier.HMAC_TIMESTAMP: ("带时间戳的 HMAC", "HMAC with a timestamp"),
        },
    ),
    "inbound_encoding": labels_of(
        Encoding,
        {Encoding.HEX: ("十六进制", "Hexadecimal"), Encoding.BASE64: ("Base64", "Base64")},
    ),
    "inbound_timestamp_unit": labels_of(
        TimestampUnit,
        {
            TimestampUnit.SECONDS: ("Unix 秒", "Unix seconds"),
            TimestampUnit.MILLISECONDS: ("Unix 毫秒", "Unix milliseconds"),
            TimestampUnit.ISO8601: ("ISO 8601", "ISO 8601"),
        },
    ),
    "inbound_record": labels_of(
        RecordKind,
        {
            RecordKind.CUSTOMER: ("客户", "Customer"),
            RecordKind.COMPLAINT: ("诉求", "Request"),
        },
    ),
    "inbound_delivery_state": labels_of(
        DeliveryState,
        {
            DeliveryState.RECEIVED: ("已收到", "Received"),
            DeliveryState.SENT: ("处理中", "On its way"),
            DeliveryState.TAKEN: ("已接收", "Taken"),
            DeliveryState.REFUSED: ("工单服务未接受", "Refused by tickets"),
            DeliveryState.REJECTED: ("与映射不符", "Does not fit the mapping"),
            DeliveryState.IGNORED: ("不需要", "Not wanted"),
        },
    ),
    "inbound_misfit": labels_of(
        Misfit,
        {
            Misfit.BODY_MALFORMED: ("正文不是 JSON", "The body is not JSON"),
            Misfit.BODY_UNREADABLE: ("正文无法再读取", "The body cannot be read any more"),
            Misfit.VALUE_MISSING: ("缺少内容", "A value is missing"),
            Misfit.VALUE_UNKNOWN: ("映射里没有这个值", "The mapping does not know the value"),
            Misfit.VALUE_TYPE: ("内容的类型不对", "The value is of another type"),
            Misfit.VALUE_INVALID: ("内容不能这样保存", "The value cannot be kept"),
            Misfit.MAPPING_FAILED: ("映射出错，已记录", "The mapping failed here"),
        },
    ),
    "inbound_refusal": {
        **labels_of(
            SignatureRefusal,
            {
                SignatureRefusal.HEADERS_MISSING: ("缺少签名", "No signature"),
                SignatureRefusal.HEADERS_MALFORMED: ("签名头格式不对", "Malformed headers"),
                SignatureRefusal.SIGNATURE_WRONG: ("签名不对", "The signature is wrong"),
                SignatureRefusal.TIMESTAMP_OUTSIDE: ("时间相差太多", "Too old or too early"),
            },
        ),
        **labels_of(
            AttemptRefusal,
            {
                AttemptRefusal.CONTENT_TYPE: ("不是 JSON", "Not sent as JSON"),
                AttemptRefusal.TOO_LARGE: ("太大", "Too large"),
            },
        ),
    },
}
