"""Which tasks a lost worker had at hand."""

from .tasks import SENT


def unheard(tasks, blamed):
    """Yields those tasks of which nothing was heard since the worker took them, and whether they were over.

    tasks: all, by number. blamed: (task, attempt, number of the group or None, whether it was over) each.
    """
    for number, attempt, group, over in blamed:
        task = tasks.get(number)
        if task is None or task.attempt != attempt or task.state != SENT or task.group.over or task.group.abandoned:
            continue
        if group in (None, task.group.number):
            yield task, over


def guilty(tasks, blamed, reason, worker):
    """Yields group, tasks to blame, and why: those that the worker carried out, or else those that were over and whose reports were lost."""
    groups = {}
    for task, over in unheard(tasks, blamed):
        groups.setdefault(task.group, ([], []))[over].append(task)
    untold = "its worker %s was lost before it had told what became of it" % worker
    for group, (running, over) in groups.items():
        yield group, running or over, reason if running else untold
