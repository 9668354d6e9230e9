"""edXML messages as different systems write them, for the tests."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from audit.archive import pack

PDF = b"%PDF-1.7 the letter"


def attachment(name: str, content: bytes, *, zipped: bool = True, cid: str = "cid:") -> tuple[str, str]:
    """The manifest's reference and the encoded file."""
    body = pack([("0001.pdf", content)]) if zipped else content
    reference = (
        f"<edXML:Reference><edXML:ContentId>cid:{name}</edXML:ContentId><edXML:ContentType>application/pdf</edXML:ContentType>"
        f"<edXML:AttachmentName>{name}</edXML:AttachmentName></edXML:Reference>"
    )
    file = (
        f"<Attachment><ContentId>{cid}{name}</ContentId><AttachmentName>{name}</AttachmentName><ContentType>application/zip</ContentType>"
        f"<edXML:ContentTransferEncoded>{base64.b64encode(body).decode()}</edXML:ContentTransferEncoded></Attachment>"
    )
    return reference, file


def document(
    sender: str = "000.00.00.H03",
    recipients: Sequence[str] = ("000.00.12.H03",),
    number: str = "814",
    *,
    issued: str = "2021/02/04",
    business: str = "<edXML:BussinessDocType>0</edXML:BussinessDocType>",
    extra: str = "",
    files: Sequence[tuple[str, str]] = (),
    sent_at: str = "2021/02/04 15:41:02",
    namespace: str = "http://www.mic.gov.vn/TBT/QCVN_102_2016",
) -> bytes:
    """A message that carries a document, in the form of VNPT's SDK."""
    to = "".join(f"<edXML:To><edXML:OrganId>{code}</edXML:OrganId></edXML:To>" for code in recipients)
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<edXML xmlns="{namespace}" xmlns:edXML="{namespace}"><edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>
<edXML:From><edXML:OrganId>{sender}</edXML:OrganId><edXML:OrganName>UBND tỉnh</edXML:OrganName></edXML:From>{to}
<edXML:DocumentId>{sender},{issued},{number}/UBND-VXNV</edXML:DocumentId>
<edXML:Code><edXML:CodeNumber>{number}</edXML:CodeNumber><edXML:CodeNotation>UBND-VXNV</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:Place>Bắc Kạn</edXML:Place><edXML:PromulgationDate>{issued}</edXML:PromulgationDate></edXML:PromulgationInfo>
<edXML:DocumentType><edXML:Type>2</edXML:Type><edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>
<edXML:Subject>V/v tăng cường gửi, nhận văn bản điện tử</edXML:Subject>
<edXML:SignerInfo><edXML:Competence>TM. ỦY BAN NHÂN DÂN</edXML:Competence><edXML:Position>CHỦ TỊCH</edXML:Position><edXML:FullName>Hoàng Văn Thử</edXML:FullName></edXML:SignerInfo>
<edXML:DueDate>10/02/2021</edXML:DueDate>
<edXML:OtherInfo><edXML:Priority>1</edXML:Priority><edXML:PageAmount>2</edXML:PageAmount></edXML:OtherInfo>{extra}
</edXML:MessageHeader><edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>{sender}</edXML:OrganId><edXML:Timestamp>{sent_at}</edXML:Timestamp></edXML:TraceHeader>
<edXML:Bussiness>{business}</edXML:Bussiness></edXML:TraceHeaderList></edXML:edXMLHeader>
<edXML:edXMLBody><edXML:edXMLManifest version="1.0">{"".join(reference for reference, _ in files)}</edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope>
<AttachmentEncoded>{"".join(file for _, file in files)}</AttachmentEncoded></edXML>"""
    return text.encode()


def status(
    sender: str = "000.00.12.H03",
    to: str = "000.00.00.H03",
    code: str = "03",
    *,
    number: str = "814",
    at: str = "2021/02/04 16:02:01",
    issued: str = "2021/02/04",
) -> bytes:
    """A status message."""
    return f"""<edXML xmlns:e="x"><e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader><e:Timestamp>{at}</e:Timestamp>
<e:StatusCode>{code}</e:StatusCode><e:From><e:OrganId>{sender}</e:OrganId></e:From><e:Description>Đã tiếp nhận</e:Description>
<e:ResponseFor><e:OrganId>{to}</e:OrganId><e:Code>{number}/UBND-VXNV</e:Code><e:PromulgationDate>{issued}</e:PromulgationDate>
<e:DocumentId>{to},{issued},{number}/UBND-VXNV</e:DocumentId></e:ResponseFor><e:StaffInfo><e:Staff>Văn thư</e:Staff></e:StaffInfo>
</e:MessageHeader></e:edXMLHeader></e:edXMLEnvelope></edXML>""".encode()
