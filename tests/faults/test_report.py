from faults.report import DOCUMENT, updated


def test_document_says_what_was_counted():
    document = DOCUMENT.read_text(encoding="utf-8")

    assert updated(document) == document
