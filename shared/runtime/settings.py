"""All settings, from the environment (`TENLINES_…`). The defaults serve one machine, on loopback."""

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class NoSecret(ValueError):
    """A file that should hold a secret does not; the text names the file."""


class Settings(BaseSettings):
    """One process's settings. Unknown TENLINES_ variables are other processes' business."""

    model_config = SettingsConfigDict(env_prefix="TENLINES_", extra="ignore", frozen=True)

    kafka: str = "127.0.0.1:19092"
    """Bootstrap servers, comma-separated host:port."""
    mongo: str = Field(default="mongodb://127.0.0.1:27027", repr=False)
    """A connection string. It may hold the password; better it names the user alone, and:"""
    mongo_password_file: Path | None = None
    """A file that holds nothing but the password of that user, such as /run/secrets/mongo."""
    namespace: str = Field(default="tenlines", pattern="^[a-z][a-z0-9-]{0,30}$")
    """Prefix of every topic and database, so that worlds can stand side by side."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    county: Path = Path("deploy/counties/jinxiang-370828")
    """Folder of the county pack; a relative one is seen from the working directory."""
    replica: str = Field(default="0", pattern="^[a-zA-Z0-9-]{1,60}$")
    """Name of this replica among those of its service; also its static group membership."""
    test_clock: Path | None = None
    """A file that holds an offset in seconds; all processes that name it follow it."""
    public_url: str = Field(default="", max_length=200, pattern="^(https?://[^?#@ ]+)?$")
    """How people reach the gateway, such as `https://tenlines.example.gov.cn`; links in messages
    begin with it."""
    webhook_networks: str = ""
    """Networks (CIDR, comma-separated) beside the public ones that webhooks may lead to."""
    traces: str = Field(default="", max_length=200, pattern="^(https?://[^?#@ ]+)?$")
    """Where spans go (OTLP over HTTP), such as `http://127.0.0.1:4318`; empty: nowhere."""
    traces_share: float = Field(default=0.01, ge=0, le=1)
    """Share of what begins here that is told; what comes with a trace follows its sender."""
    log_format: str = Field(default="auto", pattern="^(auto|json|text)$")
    """`auto`: text at a terminal, JSON elsewhere."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("webhook_networks")
    @classmethod
    def _networks(cls, said: str) -> str:
        for part in said.split(","):
            if part.strip():
                ip_network(part.strip())
        return said

    def mongo_password(self) -> str | None:
        """Read anew each time. Raises NoSecret."""
        file = self.mongo_password_file
        if file is None:
            return None
        try:
            password = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise NoSecret(
                f"TENLINES_MONGO_PASSWORD_FILE: {file} cannot be read ({error.strerror})"
            ) from None
        if not password:
            raise NoSecret(f"TENLINES_MONGO_PASSWORD_FILE: {file} is empty")
        return password

    def topic(self, line: str, kind: str) -> str:
        """`<namespace>.<line>.<kind>`"""
        return f"{self.namespace}.{line}.{kind}"

    def shared_topic(self, name: str) -> str:
        """`<namespace>.<name>`: replies, changes, registry."""
        return f"{self.namespace}.{name}"

    def database(self, owner: str) -> str:
        """Name of the MongoDB database of a line, of the gateway, or of the files."""
        return f"{self.namespace}_{owner}"
