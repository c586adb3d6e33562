"""In which language a page is shown."""

from services.surveys.questionnaires.vocabulary import Language
from shared.http.problems import language_of


def chosen_language(asked: str | None, accept: str | None) -> Language:
    """Return what `?lang=` asks for, else what the browser accepts first, else Chinese."""
    return Language(asked) if asked in set(Language) else Language(language_of(accept))
