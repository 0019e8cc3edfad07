"""Settings of sign-in and sessions."""

from pydantic import Field

from gangmu.kit.settings import Section


class AccessSettings(Section, name="access"):
    """Rules after GB/T 22239 level 3: lock-out, session end, password form."""

    failures: int = Field(5, ge=3, le=20, description="Failed sign-ins after which an account is locked.")
    lock_minutes: int = Field(15, ge=1, le=1440, description="How long a locked account rests, in minutes.")
    idle_minutes: int = Field(30, ge=5, le=720, description="A session ends after so many minutes without a request.")
    session_hours: int = Field(12, ge=1, le=72, description="A session ends after so many hours in any case.")
    password_length: int = Field(10, ge=8, le=64, description="Least length of a password.")
    password_days: int = Field(
        90, ge=0, le=3650, description="A password must be changed after so many days; 0: never."
    )
    application_days: int = Field(
        365, ge=0, le=3650, description="A token of an application ends after so many days; 0: never."
    )
    secure_cookie: bool = Field(False, description="Send the session cookie over TLS only (set it behind a TLS proxy).")
