"""What asking an endpoint takes from environment variables: the key, and what the client reads by itself.

In: the name of a variable, an address. Out: the key, the client. Whatever is wrong is `EnvironmentMissing`, which
names the variable and never shows its value: keys and proxies hold secrets.
"""

import os
import re
from typing import TYPE_CHECKING

from tailkit.errors import EnvironmentMissing

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEY = "OPENAI_API_KEY"
HEADERS = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS")
"""Variables that the client sends along."""
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def key_of(name: str | None) -> str:
    """The key in an environment variable, empty if the usual one is not set.

    Raises `EnvironmentMissing` for another one that is not set, and for what can be no key. Neither is
    shown: who mixes them up would have the key on the screen.
    """
    value = os.environ.get(KEY if name is None else name, "").strip()
    if name is not None and not value:
        raise EnvironmentMissing(
            "the environment variable that --key-from names is not set", f"Set it, or leave --key-from out for {KEY}."
        )
    if not re.fullmatch(r"[!-~]*", value):
        raise EnvironmentMissing("the key in the environment variable has characters that no key has", "Set it anew.")
    return value


def client(url: str, key: str, timeout: float) -> "AsyncOpenAI":
    """The client that asks an address; raises `EnvironmentMissing` if there can be none."""
    try:
        import openai
    except ImportError:
        raise EnvironmentMissing(
            "asking an endpoint needs the package openai", "pip install 'tailkit[endpoint]'"
        ) from None
    for name in HEADERS:
        if not re.fullmatch(r"[ -~\n]*", os.environ.get(name, "")):
            raise EnvironmentMissing(f"the environment variable {name} cannot be sent to a server", "Unset it.")
    try:
        return openai.AsyncOpenAI(api_key=key or "none", base_url=url, max_retries=0, timeout=timeout)
    except Exception as caught:  # noqa: BLE001
        error = caught
    # Outside of the handler, so that no traceback shows an error which may hold a proxy's password.
    raise _unusable(error)


def _unusable(error: Exception) -> EnvironmentMissing:
    """What to say where the client cannot be made: of certificates it says so, the rest are proxies."""
    if isinstance(error, OSError):
        names = [name for name in CERTIFICATES if os.environ.get(name)]
        hint = "Name a file of certificates there, or unset it."
    else:
        names = sorted(name for name in os.environ if name.lower() in PROXIES and os.environ[name])
        hint = "Write it as http://HOST:PORT, or unset it."
        if isinstance(error, ImportError):
            hint = "pip install socksio, or name a proxy of HTTP there."
    what = ", ".join(names) or "its settings"
    return EnvironmentMissing(f"the client for endpoints cannot use what the environment gives in {what}", hint)
