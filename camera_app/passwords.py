"""What may be shown of an address that holds a password, and of a text that may hold such."""

import re

# Not compiled here: every start loads this, and few look for a password.
_USER_INFO = r"^([^/?#]*//[^/?#]*?:)[^/?#]*@"
_ANY_USER_INFO = r"(//[^/?#:@]*:).*@"
"""Of what is no address, for the password in it is not written as one."""

_SECRETS = r"(?i)((?:pas|pw|psw|secret|token|key|auth)[\w.-]*=)[^&;#]*"
"""Passwords outside of their place, which is before the host: ``?usr=me&pwd=…``, and in the path
``/user=me&password=…``, are what many cameras ask for."""

_WORD = r"[^\s'\"]*//[^\s'\"]+"


def without_password(url: str) -> str:
    """The address as it may be shown and logged, though it may be none."""
    return re.sub(_SECRETS, r"\1***", re.sub(_USER_INFO, r"\1***@", url))


def without_any_password(text: str) -> str:
    """What is no address, or in no place for one, as it may be shown: hides rather too much."""
    return re.sub(_SECRETS, r"\1***", re.sub(_ANY_USER_INFO, r"\1***@", text))


def without_passwords(text: str) -> str:
    """A text in which each word may be an address, as it may be shown."""
    if "//" not in text:
        return text
    return re.sub(_WORD, lambda word: without_any_password(word[0]), text)
