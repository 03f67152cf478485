"""Strictness: a request may hold what the vendor's own models know, and nothing else.

The models are those of the `elevenlabs` package. They let anything pass, because they are
made to read answers; here their fields are walked, so that an invented key is a 422 as it
is at the vendor.
"""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from elevenlabs import types as vendor
from pydantic import BaseModel

from tests.fake_elevenlabs.defaults import BUILT, DEFAULTS, RANGES

# Typed `Any` in the package, though the API's reference gives the type.
ANNOTATIONS = {
    ("AgentConfig", "dynamic_variables"): vendor.DynamicVariablesConfig | None
}
PRIMITIVES = {str: (str,), int: (int,), float: (int, float), bool: (bool,)}


class Invalid(Exception):
    """A value that the vendor's schema refuses; `location` is the path to it."""

    def __init__(self, location: tuple, kind: str, message: str):
        super().__init__(f"{'.'.join(map(str, location))}: {message}")
        self.location = location
        self.detail = [{"type": kind, "loc": list(location), "msg": message}]


def check(value: Any, annotation: Any, location: tuple = ("body",)) -> None:
    """Raise Invalid where `value` is not what `annotation` allows."""
    origin = get_origin(annotation) or annotation
    if annotation is Any:
        return
    if origin is Annotated:
        check(value, get_args(annotation)[0], location)
    elif origin in (Union, UnionType):
        check_union(value, union_members(annotation), location)
    elif origin is Literal:
        if value not in get_args(annotation):
            raise Invalid(location, "literal_error", f"Input should be {annotation}")
    elif origin in (list, dict):
        check_container(value, annotation, location)
    elif is_model(annotation):
        check_model(value, annotation, location)
    else:
        check_primitive(value, annotation, location)


def union_members(annotation: Any) -> list[Any]:
    """List the union's members; "one of these words, or anything" means the words."""
    members = list(get_args(annotation))
    words = any(get_origin(member) is Literal for member in members)
    return [member for member in members if not (words and member is Any)]


def check_union(value: Any, members: list[Any], location: tuple) -> None:
    if value is None and NoneType in members:
        return
    errors = []
    for member in tagged(
        value, [member for member in members if member is not NoneType]
    ):
        try:
            check(value, member, location)
        except Invalid as error:
            errors.append(error)
        else:
            return
    # The member that got furthest is the one that was meant.
    raise max(errors, key=lambda error: len(error.location))


def tagged(value: Any, members: list[Any]) -> list[Any]:
    """Narrow the members down by the fixed words (such as `type`) that the value has."""
    if not isinstance(value, dict):
        return members
    return [member for member in members if tags_fit(value, member)] or members


def tags_fit(value: dict, member: Any) -> bool:
    fields = member.model_fields if is_model(member) else {}
    return all(
        value.get(name) in get_args(field.annotation)
        for name, field in fields.items()
        if get_origin(field.annotation) is Literal
    )


def check_container(value: Any, annotation: Any, location: tuple) -> None:
    origin, arguments = get_origin(annotation), get_args(annotation)
    kind = "list" if origin is list else "dictionary"
    if not isinstance(value, list if origin is list else dict):
        raise Invalid(location, f"{kind}_type", f"Input should be a valid {kind}")
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        check(item, arguments[-1], (*location, key))


def check_primitive(value: Any, annotation: type, location: tuple) -> None:
    expected = PRIMITIVES[annotation]
    wrong_bool = isinstance(value, bool) and annotation is not bool
    if wrong_bool or not isinstance(value, expected):
        name = annotation.__name__
        raise Invalid(location, f"{name}_type", f"Input should be a valid {name}")


def check_model(value: Any, model: type[BaseModel], location: tuple) -> None:
    if not isinstance(value, dict):
        raise Invalid(location, "model_type", "Input should be a valid dictionary")
    if unknown := sorted(value.keys() - model.model_fields.keys()):
        where = (*location, unknown[0])
        raise Invalid(where, "extra_forbidden", "Extra inputs are not permitted")
    for name, field in model.model_fields.items():
        # A fixed word such as the type of a tool tells the vendor which model it is.
        tag = get_origin(field.annotation) is Literal
        if name in value:
            check(value[name], annotation_of(model, name), (*location, name))
            check_range(model, name, value[name], (*location, name))
        elif field.is_required() or tag:
            raise Invalid((*location, name), "missing", "Field required")


def check_range(model: type[BaseModel], name: str, value: Any, location: tuple) -> None:
    bounds = RANGES.get(f"{plain_name(model)}.{name}")
    if bounds is None or value is None:
        return
    size = len(value) if isinstance(value, list) else value
    lowest, highest = bounds
    if not lowest <= size <= highest:
        message = f"Input should be between {lowest} and {highest}"
        raise Invalid(location, "out_of_range", message)


def complete(value: Any, annotation: Any) -> Any:
    """Return a checked `value` with every field of its models, as the vendor gives it back."""
    origin = get_origin(annotation) or annotation
    if origin is Annotated:
        return complete(value, get_args(annotation)[0])
    if origin in (Union, UnionType):
        return complete(value, fitting_member(value, annotation))
    if origin is list and isinstance(value, list):
        return [complete(item, get_args(annotation)[0]) for item in value]
    if origin is dict and isinstance(value, dict):
        inner = get_args(annotation)[1]
        return {key: complete(item, inner) for key, item in value.items()}
    if is_model(annotation) and isinstance(value, dict):
        return complete_model(value, annotation)
    return value


def fitting_member(value: Any, annotation: Any) -> Any:
    for member in get_args(annotation):
        try:
            check(value, member)
        except (Invalid, KeyError):
            continue
        return member
    return Any


def complete_model(value: dict, model: type[BaseModel]) -> dict:
    defaults = DEFAULTS.get(plain_name(model), {})
    full = dict(value)
    for name in model.model_fields:
        annotation = annotation_of(model, name)
        if name not in full:
            built = any(plain_name(part) in BUILT for part in get_args(annotation))
            full[name] = {} if built else defaults.get(name)
        full[name] = complete(full[name], annotation)
    return full


def annotation_of(model: type[BaseModel], name: str) -> Any:
    given = model.model_fields[name].annotation
    return ANNOTATIONS.get((model.__name__, name), given)


def plain_name(model: Any) -> str:
    """Name a model as in the API's reference: requests and answers share their defaults."""
    name = getattr(model, "__name__", "")
    return name.removesuffix("Input").removesuffix("Output")


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def merge(old: Any, new: Any) -> Any:
    """Lay `new` over `old`, object by object; lists and plain values are replaced."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: merge(old.get(key), value) for key, value in new.items()}
