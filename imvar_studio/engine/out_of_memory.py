"""What Python, torch and the system say when the memory is used up."""

from __future__ import annotations

# torch's allocator on the CPU, twice, and the system's on mapping a file
_WORDS = ("can't allocate memory", "not enough memory", "cannot allocate memory")


def memory_used_up(error: BaseException) -> bool:
    """Whether an exception says that memory is used up, the main one or a GPU's."""
    # torch.OutOfMemoryError by its name: planning does not wait for torch
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    said = isinstance(error, (RuntimeError, OSError))
    return said and any(words in str(error).lower() for words in _WORDS)
