"""What is said of a text that is not the YAML that is read here."""


class YamlError(ValueError):
    """``line`` counts from 1 where it is known. Whoever reads the text says which it is."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.line = line
