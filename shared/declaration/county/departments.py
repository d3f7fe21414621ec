"""departments.yaml: the departments that the plan names, with codes of ours."""

from pydantic import Field

from shared.declaration.county.base import DepartmentCode, PackModel, Text


class Department(PackModel):
    code: DepartmentCode
    name: Text
    """The full name exactly as the plan writes it."""
    short: Text
    aliases: tuple[Text, ...] = ()
    collective: bool = False
    """It stands for many departments at once and has no office of its own."""


class DepartmentsFile(PackModel):
    departments: tuple[Department, ...] = Field(min_length=1)
