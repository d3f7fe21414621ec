"""Who acts: roles, and the actor that every change names."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Role(StrEnum):
    COORDINATOR = "coordinator"
    LINE_LEAD = "line_lead"
    DEPARTMENT = "department"
    TOWN = "town"
    INSPECTOR = "inspector"
    VIEWER = "viewer"
    DEVICE = "device"
    SYSTEM = "system"
    """The product itself (pack, handover): never accepted from outside."""


ROLE_NAMES: dict[Role, str] = {
    Role.COORDINATOR: "统筹协调",
    Role.LINE_LEAD: "工作线牵头",
    Role.DEPARTMENT: "部门",
    Role.TOWN: "镇街/园区",
    Role.INSPECTOR: "核查员",
    Role.VIEWER: "只读",
    Role.DEVICE: "设备",
    Role.SYSTEM: "系统",
}


class Actor(BaseModel):
    """A person, device or part of the system that gives a command.

    `unit` is the code of a department, town or park; empty where the actor belongs to none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=80)
    role: Role
    unit: str | None = Field(default=None, max_length=40)
    name: str | None = Field(default=None, max_length=80)


def system(part: str) -> Actor:
    """The actor under which a part of the product itself acts, such as `pack` or `handover`."""
    return Actor(id=f"system:{part}", role=Role.SYSTEM)
