"""YAML as far as a description of settings needs it, and every mistake in it as one sentence.

What is left out is what makes a small file large or a clear one ambiguous: aliases (``*name``),
a few lines of which can stand for more values than any memory holds, and keys that stand twice.
"""

from typing import Any

import yaml


class YamlError(ValueError):
    """A text is not the YAML that is read here; ``line`` counts from 1 where it is known."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.line = line


def parse(text: str) -> Any:
    """The value that ``text`` stands for.

    Raises:
        YamlError: it is no YAML, or uses what is left out here.
    """
    try:
        # A SafeLoader in all but name: it only refuses more.
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise YamlError(str(error.problem), mark.line + 1 if mark else None) from error
    except RecursionError as error:
        raise YamlError("it is nested too deeply") from error
    # Besides its own errors PyYAML lets through nearly anything: ValueError for a 13th month,
    # KeyError for `!!bool x`, IndexError for `!!int ""`, AttributeError for `!!timestamp x`.
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(" ".join(str(error).split())) from error
    except Exception as error:
        raise YamlError("a value does not fit its tag (`!!…`)") from error


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "aliases (`*name`) are not read here; write the value again", mark
            )
        return super().compose_node(parent, index)


def _unique_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key_node)
        if key in seen:  # YAML would silently keep the last
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
