"""The workshop that made nano: invented tasks and primitives, their programs, the filter, the pretraining."""
