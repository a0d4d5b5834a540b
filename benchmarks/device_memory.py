"""The peak of memory of a stretch of work: the card's, or that of the whole process."""

from pathlib import Path

import torch


def reset_peak(device: torch.device) -> None:
    """Begin to look for the peak anew; on a processor that takes Linux, elsewhere the peak is that of the process."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5")


def peak_mb(device: torch.device) -> float:
    """Return the peak in MB since `reset_peak`; of a process it counts all it holds, libraries too."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1e3
