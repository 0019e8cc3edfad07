"""Settings of the knowledge base."""

from pydantic import Field

from gangmu.kit.settings import Section


class KnowledgeSettings(Section, name="knowledge"):
    """How the knowledge base is searched."""

    found_most: int = Field(12, ge=1, le=50, description="How many entries a search in the knowledge base shows.")
    least_score: float = Field(
        0.2, ge=0, le=1, description="Below this likeness, from 0 to 1, an entry is not shown for what was searched."
    )
    gap_characters: int = Field(
        24, ge=4, le=80, description="How many characters of a search without answer are kept, numbers taken out."
    )
