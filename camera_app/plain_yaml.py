"""YAML as far as a description of settings needs it, and every mistake in it as one sentence.

What is left out is what makes a small file large or a clear one ambiguous: aliases (``*name``),
a few lines of which can stand for more values than any memory holds, keys that stand twice, and
numbers that are others than they look: to YAML 1.1 ``010`` is eight, and ``1:30`` ninety.
"""

import re
from typing import Any

import yaml

from camera_app.yaml_error import YamlError

DEEPEST = 64
"""Levels of nesting; more stand in no description of settings, and libyaml recurses into each."""

# libyaml's parser, where PyYAML was built with it: PyYAML's own takes a twentieth of the start.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str) -> Any:
    """The value that ``text`` stands for.

    Raises:
        YamlError: it is no YAML, or uses what is left out here.
    """
    try:
        _refuse_what_is_left_out(text)
        # A SafeLoader in all but name: it only refuses more.
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except YamlError:
        raise
    except yaml.MarkedYAMLError as error:
        raise YamlError(str(error.problem), _line(error.problem_mark, text)) from error
    # Besides its own errors PyYAML lets through nearly anything: ValueError for a 13th month,
    # KeyError for `!!bool x`, IndexError for `!!int ""`, AttributeError for `!!timestamp x`.
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(" ".join(str(error).split())) from error
    except Exception as error:
        raise YamlError("a value does not fit its tag (`!!…`)") from error


def _line(mark: Any, text: str) -> int | None:
    """The line, from 1, that ``mark`` points to; where it is the end of ``text``, the last one."""
    return None if mark is None else min(mark.line + 1, max(1, len(text.splitlines())))


def _refuse_what_is_left_out(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Parser):
        if isinstance(event, yaml.AliasEvent):
            raise YamlError(
                "aliases (`*name`) are not read here; write the value again",
                _line(event.start_mark, text),
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise YamlError("it is nested too deeply", _line(event.start_mark, text))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Loader(_Parser):  # type: ignore[misc]
    pass


def _unique_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key_node)
        if key in seen:  # YAML would silently keep the last
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        seen.add(key)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


def _int_as_it_looks(loader: _Loader, node: yaml.ScalarNode) -> int:
    value: int = loader.construct_yaml_int(node)
    if re.match(r"[-+]?(0[0-7_]|0b)", node.value) or ":" in node.value:
        raise yaml.constructor.ConstructorError(
            None,
            None,
            f"{node.value} would be read as {value}; write that if it is meant, else the number "
            "without zeros before it, or text in quotes",
            node.start_mark,
        )
    return value


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", _int_as_it_looks)
