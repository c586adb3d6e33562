"""Every generated file that is committed is what the code of today generates."""

from pathlib import Path

from careloop.files import all_files

ROOT = Path(__file__).parents[2]


def test_no_generated_file_is_stale() -> None:
    stale = []
    for path, text in all_files().items():
        committed = ROOT / path
        if not committed.exists() or committed.read_text(encoding="utf-8") != text:
            stale.append(str(path))
    assert stale == [], "run `make generate`"
