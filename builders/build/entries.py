"""What the report says of a config that was built: its counts, its files, and why its count differs from the paper's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from builders.build.differences import why
from builders.build.plan import ConfigPlan
from builders.build.shards import ShardResult
from builders.corpus import Corpus, Task
from builders.errors import BuildError
from builders.tree import lengths
from builders.tree.report import ConfigReport, OutputFile, RawFile


def config_report(
    plan: ConfigPlan,
    results: Sequence[ShardResult],
    different: int,
    shards: Sequence[OutputFile],
    rejected_rows: OutputFile,
) -> ConfigReport:
    """The entry of one task config.

    Args:
        plan: what was to be built.
        results: what building each shard counted, in the plan's order.
        different: number of records that differ from all before them in the config.
        shards: the Parquet files as they stand in the output directory.
        rejected_rows: the file with the rejected rows.
    """
    rows_read, templates, rejected = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        rows_read.update(result.rows_read)
        templates.update(result.records)
        rejected.update(result.rejected)
    return ConfigReport(
        corpus=plan.corpus.name,
        license=plan.corpus.license.id,
        version=plan.task.version,
        fingerprint=plan.fingerprint,
        sample=any(file.status == "sample" for file in plan.files),
        rows_read=rows_read.total(),
        templates={template.name: templates[template.name] for template in plan.task.templates},
        rejected=dict(rejected.most_common()),
        patches={name: outcome for result in results for name, outcome in result.patches.items()},
        paper_count=plan.task.paper_count,
        why=why(plan.task, templates.total(), rejected.total(), plan.files),
        plain_bytes=sum(result.plain_bytes for result in results),
        characters=lengths.add(result.characters for result in results),
        repeated=templates.total() - different,
        evaluation=sum(result.evaluation for result in results),
        shards=tuple(shards),
        rejected_rows=rejected_rows,
        files=tuple(
            RawFile(file.name, file.url, file.bytes, file.sha256, file.status, file.reason) for file in plan.files
        ),
    )


def require_rows(plan: ConfigPlan, results: Sequence[ShardResult]) -> None:
    """As `require_rows_read`, for a config that was built; without some of its files it may have no rows."""
    if not plan.shards or any(file.status == "missing" for file in plan.files):
        return
    read = Counter[str]()
    for result in results:
        read.update(result.rows_read)
    require_rows_read(plan.corpus, plan.task, read, [file.path for file in plan.files])


def require_rows_read(corpus: Corpus, task: Task, read: Mapping[str, int], files: Iterable[Path | None]) -> None:
    """Refuses raw files that give nothing at all: no row that can be used, and none that cannot.

    Args:
        corpus, task: what was read, and for what.
        read: number of rows by record type.
        files: where the raw files lie.

    Raises:
        BuildError: a record type of the task has no row in them.
    """
    for record_type in dict.fromkeys(template.record_type for template in task.templates):
        if not read.get(record_type):
            paths = "\n  ".join(map(str, files))
            raise BuildError(
                f'{corpus.name}: its raw files hold nothing for {task.config}: not one row of the kind "{record_type}".',
                f"Look whether these are the files that their names say, or replace them by fresh copies:\n  {paths}",
            )
