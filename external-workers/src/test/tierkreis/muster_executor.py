"""An executor for Tierkreis 2.0 and 2.1 that has Muster run the calls."""

import subprocess
import threading
from pathlib import Path


class MusterExecutor:
    def __init__(self, registry: Path, directory: Path, at_once: int = 4) -> None:
        self.command = ["muster", "worker", "call", "--registry", str(registry), "--worker"]
        self.directory, self.turns = directory, threading.Semaphore(at_once)

    def run(self, launcher_name: str, worker_call_args_path: Path):
        call = [*self.command, launcher_name, str(self.directory / worker_call_args_path)]

        def wait() -> None:
            with self.turns:
                subprocess.run(call, check=False)  # flags and logs tell Tierkreis how it went

        threading.Thread(target=wait).start()
        try:
            from tierkreis.controller.storage.data import ExecutorDebugData
        except ImportError:
            return None  # before Tierkreis 2.0.10
        return ExecutorDebugData(executor="muster", launch_command=" ".join(call))
