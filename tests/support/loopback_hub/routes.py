"""The part of the Hub's HTTP API that `datasets` and `huggingface_hub` use, answered from a `Store`.

Paths and answers follow the clients' requests (`huggingface_hub.hf_api`, `_commit_api`, `lfs`) and git-lfs' batch API.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from collections.abc import Iterator

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from tests.support.loopback_hub.faults import Disconnected, Faults
from tests.support.loopback_hub.store import (
    CHUNK,
    Commit,
    MissingBlob,
    MovedBranch,
    Repository,
    Store,
    StoredFile,
    is_lfs,
    lfs_file,
)
from tests.support.loopback_hub.traffic import Exchange

USER = "tester"
ORGANISATION = "izumi-lab"
WRITING = {"create", "preupload", "batch", "upload", "verify", "commit", "branch", "tag", "xet_write_token"}

_REPOSITORY = "/api/<any(datasets, models):kind>/<owner>/<name>"
_URLS = Map(
    [
        Rule("/api/whoami-v2", endpoint="whoami", methods=["GET"]),
        Rule("/api/validate-yaml", endpoint="validate_yaml", methods=["POST"]),
        Rule("/api/repos/create", endpoint="create", methods=["POST"]),
        Rule(_REPOSITORY, endpoint="info", methods=["GET"]),
        Rule(f"{_REPOSITORY}/revision/<path:revision>", endpoint="info", methods=["GET"]),
        Rule(f"{_REPOSITORY}/refs", endpoint="refs", methods=["GET"]),
        Rule(f"{_REPOSITORY}/tree/<path:rest>", endpoint="tree", methods=["GET"]),
        Rule(f"{_REPOSITORY}/paths-info/<path:revision>", endpoint="paths_info", methods=["POST"]),
        Rule(f"{_REPOSITORY}/commits/<path:revision>", endpoint="commits", methods=["GET"]),
        Rule(f"{_REPOSITORY}/preupload/<path:revision>", endpoint="preupload", methods=["POST"]),
        Rule(f"{_REPOSITORY}/commit/<path:revision>", endpoint="commit", methods=["POST"]),
        Rule(f"{_REPOSITORY}/branch/<path:branch>", endpoint="branch", methods=["POST"]),
        Rule(f"{_REPOSITORY}/tag/<path:revision>", endpoint="tag", methods=["POST"]),
        Rule(f"{_REPOSITORY}/xet-write-token/<path:revision>", endpoint="xet_write_token", methods=["GET"]),
        Rule(
            "/datasets/<owner>/<name>.git/info/lfs/objects/batch",
            endpoint="batch",
            methods=["POST"],
            defaults={"kind": "datasets"},
        ),
        Rule(
            "/<owner>/<name>.git/info/lfs/objects/batch",
            endpoint="batch",
            methods=["POST"],
            defaults={"kind": "models"},
        ),
        Rule("/lfs/<sha256>", endpoint="upload", methods=["PUT"]),
        Rule("/lfs/verify", endpoint="verify", methods=["POST"]),
        Rule(
            "/datasets/<owner>/<name>/resolve/<path:rest>",
            endpoint="resolve",
            methods=["GET"],
            defaults={"kind": "datasets"},
        ),
        Rule("/<owner>/<name>/resolve/<path:rest>", endpoint="resolve", methods=["GET"], defaults={"kind": "models"}),
    ]
)


class Refusal(Exception):
    """An answer that is an error.

    Args:
        status: HTTP status.
        message: for people.
        code: value of `X-Error-Code`, by which clients choose their exception; "" for none.
    """

    def __init__(self, status: int, message: str, code: str = ""):
        super().__init__(message)
        self.status, self.message, self.code = status, message, code

    def response(self) -> Response:
        headers = {"X-Error-Message": self.message} | ({"X-Error-Code": self.code} if self.code else {})
        return _json({"error": self.message}, self.status, headers)


class Routes:
    """Answers requests.

    Args:
        store: where everything is kept.
        faults: what goes wrong on purpose.
    """

    def __init__(self, store: Store, faults: Faults):
        self.store, self.faults = store, faults

    def answer(self, request: Request, exchange: Exchange) -> Response:
        """The answer to one request.

        Raises:
            Disconnected: a fault wants the connection cut.
        """
        try:
            endpoint, arguments = _URLS.bind_to_environ(request.environ).match()
            self._check_token(request, endpoint)
            if endpoint in self.faults.answers:
                status, body = self.faults.answers[endpoint]
                return Response(body, status, mimetype="application/json")
            if "owner" in arguments:
                arguments["repository"] = self._repository(arguments)
            if endpoint == "upload":
                return self.upload(request, exchange, **arguments)
            return getattr(self, endpoint)(request, **arguments)
        except Refusal as refusal:
            return refusal.response()
        except HTTPException as problem:
            return Refusal(problem.code, f"{request.method} {request.path}: {problem.description}").response()

    def _check_token(self, request: Request, endpoint: str) -> None:
        has_token = "Authorization" in request.headers
        if has_token and self.faults.refuse_token:
            raise Refusal(401, "Invalid credentials in Authorization header")
        # Uploads go to storage by an address that is itself the permission; clients send no token there.
        if not has_token and (endpoint == "whoami" or endpoint in WRITING - {"upload"}):
            raise Refusal(401, "Invalid username or password.")
        if self.faults.forbid_writing and endpoint in WRITING:
            raise Refusal(403, "Forbidden: you must use a write token to upload to a repository.")

    def _repository(self, arguments: dict) -> Repository:
        kind, name = arguments.pop("kind"), f"{arguments.pop('owner')}/{arguments.pop('name')}"
        repository = self.store.find(kind, name)
        if repository is None:
            raise Refusal(404, "Repository not found", "RepoNotFound")
        return repository

    # Who asks, and which repositories there are

    def whoami(self, request: Request) -> Response:
        organisation = {"type": "org", "name": ORGANISATION, "roleInOrg": "write"}
        token = {"type": "access_token", "accessToken": {"displayName": "test", "role": "write"}}
        return _json({"type": "user", "id": "1", "name": USER, "orgs": [organisation], "auth": token})

    def validate_yaml(self, request: Request) -> Response:
        return _json({"errors": [], "warnings": []})

    def create(self, request: Request) -> Response:
        wanted = request.get_json()
        kind = f"{wanted.get('type') or 'model'}s"
        name = f"{wanted.get('organization') or USER}/{wanted['name']}"
        address = f"{request.host_url}{'datasets/' if kind == 'datasets' else ''}{name}"
        if self.store.find(kind, name):
            return _json({"error": "You already created this repo", "url": address}, 409)
        self.store.create(kind, name)
        return _json({"url": address, "name": name, "id": name})

    # What a repository holds

    def info(self, request: Request, repository: Repository, revision: str = "main") -> Response:
        commit = _commit(repository, revision)
        siblings = [
            {"rfilename": path} | ({"size": file.size, "blobId": file.git_id} if "blobs" in request.args else {})
            for path, file in sorted(commit.tree.items())
        ]
        return _json(
            {
                "id": repository.name,
                "author": repository.name.partition("/")[0],
                "sha": commit.id,
                "private": False,
                "gated": False,
                "disabled": False,
                "lastModified": commit.date,
                "createdAt": repository.history(commit)[-1].date,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "siblings": siblings,
            }
        )

    def refs(self, request: Request, repository: Repository) -> Response:
        def listed(names: dict[str, str], prefix: str) -> list[dict]:
            return [{"name": name, "ref": f"{prefix}{name}", "targetCommit": commit} for name, commit in names.items()]

        return _json(
            {
                "branches": listed(repository.branches, "refs/heads/"),
                "tags": listed(repository.tags, "refs/tags/"),
                "converts": [],
                "pullRequests": [],
            }
        )

    def commits(self, request: Request, repository: Repository, revision: str) -> Response:
        return _json(
            [
                {
                    "id": commit.id,
                    "title": commit.title,
                    "message": commit.message,
                    "date": commit.date,
                    "authors": [{"user": USER}],
                }
                for commit in repository.history(_commit(repository, revision))
            ]
        )

    def tree(self, request: Request, repository: Repository, rest: str) -> Response:
        revision, folder = _split_revision(rest)
        commit = _commit(repository, revision)
        prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
        recursive = request.args.get("recursive", "").lower() in {"true", "1"}
        expand = request.args.get("expand", "").lower() in {"true", "1"}
        inside = [path for path in sorted(commit.tree) if path.startswith(prefix)]
        if prefix and not inside:
            raise Refusal(404, f'{folder} does not exist on "{revision}"', "EntryNotFound")
        files = [path for path in inside if recursive or "/" not in path.removeprefix(prefix)]
        folders = {parent for path in inside for parent in _parents(path, prefix)}
        if not recursive:
            folders = {parent for parent in folders if "/" not in parent.removeprefix(prefix)}
        nodes = [_node(repository, commit, path, expand) for path in sorted(folders) + files]
        return _json(nodes, headers={"X-Repo-Commit": commit.id})

    def paths_info(self, request: Request, repository: Repository, revision: str) -> Response:
        commit = _commit(repository, revision)
        if request.is_json:
            wanted, expand = request.get_json()["paths"], request.get_json().get("expand")
        else:
            wanted, expand = request.form.getlist("paths"), request.form.get("expand") == "True"
        wanted = [wanted] if isinstance(wanted, str) else wanted
        known = set(commit.tree).union(*(_parents(path) for path in commit.tree))
        return _json([_node(repository, commit, path, expand) for path in wanted if path in known])

    def resolve(self, request: Request, repository: Repository, rest: str) -> Response:
        revision, path = _split_revision(rest)
        commit = _commit(repository, revision)
        file = commit.tree.get(path)
        if file is None:
            refusal = Refusal(404, "Entry not found", "EntryNotFound").response()
            refusal.headers["X-Repo-Commit"] = commit.id
            return refusal
        response = send_file(
            self.store.content(file.sha256),
            request.environ,
            mimetype="application/octet-stream",
            etag=file.sha256 if file.lfs else file.git_id,
        )
        response.headers["X-Repo-Commit"] = commit.id
        response.headers["Access-Control-Allow-Origin"] = "*"  # pages of other sites may read public files
        if file.lfs:
            response.headers["X-Linked-Size"] = str(file.size)
            response.headers["X-Linked-Etag"] = f'"{file.sha256}"'
        return response

    # Writing: ask how, send large files, commit

    def preupload(self, request: Request, repository: Repository, revision: str) -> Response:
        tree = _commit(repository, revision).tree

        def mode(wanted: dict) -> dict:
            path, present = wanted["path"], tree.get(wanted["path"])
            answer = {"path": path, "uploadMode": "lfs" if is_lfs(path, wanted["size"]) else "regular"}
            known = {"oid": present.sha256 if present.lfs else present.git_id} if present else {}
            return answer | {"shouldIgnore": False} | known

        return _json({"files": [mode(wanted) for wanted in request.get_json()["files"]]})

    def batch(self, request: Request, repository: Repository) -> Response:
        def instruction(wanted: dict) -> dict:
            answer = {"oid": wanted["oid"], "size": wanted["size"]}
            if self.store.blob(wanted["oid"]).is_file():
                return answer
            upload = {"href": f"{request.host_url}lfs/{wanted['oid']}"}
            return answer | {"actions": {"upload": upload, "verify": {"href": f"{request.host_url}lfs/verify"}}}

        objects = [instruction(wanted) for wanted in json.loads(request.get_data())["objects"]]
        return _json({"transfer": "basic", "objects": objects})

    def upload(self, request: Request, exchange: Exchange, sha256: str) -> Response:
        file = self.store.keep(_Upload(request, exchange, self.faults))
        if file.sha256 != sha256:
            self.store.blob(file.sha256).unlink()
            raise Refusal(400, f"the content's sha256 is {file.sha256}, not {sha256}")
        return Response(b"")

    def verify(self, request: Request) -> Response:
        wanted = request.get_json()
        blob = self.store.blob(wanted["oid"])
        if not blob.is_file() or blob.stat().st_size != wanted["size"]:
            raise Refusal(404, f"no content of {wanted['size']} bytes with sha256 {wanted['oid']}")
        return _json({})

    def xet_write_token(self, request: Request, repository: Repository, revision: str) -> Response:
        return _json({"casUrl": self.store.chunks.endpoint, "accessToken": "loopback", "exp": 4_102_444_800})

    def commit(self, request: Request, repository: Repository, revision: str) -> Response:
        _commit(repository, revision)
        header, additions, deletions = {}, {}, []
        for key, value in _lines(request):
            if key == "header":
                header = value
            elif key == "file":
                additions[value["path"]] = self.store.keep_small(base64.b64decode(value["content"]))
            elif key == "lfsFile":
                additions[value["path"]] = self._uploaded(value)
            elif key == "deletedFile":
                deletions.append(value["path"])
            elif key == "deletedFolder":
                deletions.append(f"{value['path'].strip('/')}/")
            else:
                raise Refusal(400, f"unknown operation {key}")
        if self.faults.before_commit:
            self.faults.before_commit(repository.name, revision)
        try:
            done = self.store.commit(
                repository,
                revision,
                additions,
                deletions,
                title=header["summary"],
                message=header.get("description", ""),
                parent=header.get("parentCommit"),
            )
        except MovedBranch:
            raise Refusal(412, "A commit has happened since. Please refresh and try again.") from None
        except MissingBlob as missing:
            raise Refusal(400, str(missing)) from None
        address = f"{request.host_url}{repository.kind}/{repository.name}/commit/{done.id}"
        return _json({"success": True, "commitOid": done.id, "commitUrl": address, "hookOutput": ""})

    def _uploaded(self, value: dict) -> StoredFile:
        """A large file of a commit; clients leave out the size of one they copy."""
        size = self.store.size_of(value["oid"])
        if size is None:
            raise Refusal(400, f"{value['path']}: no content with sha256 {value['oid']} was uploaded")
        return lfs_file(value["oid"], size)

    def branch(self, request: Request, repository: Repository, branch: str) -> Response:
        start = (request.get_json(silent=True) or {}).get("startingPoint", "main")
        _commit(repository, start)
        if not self.store.start_branch(repository, branch, start):
            raise Refusal(409, "Reference already exists")
        return _json({})

    def tag(self, request: Request, repository: Repository, revision: str) -> Response:
        _commit(repository, revision)
        if not self.store.set_tag(repository, request.get_json()["tag"], revision):
            raise Refusal(409, "Tag reference exists already")
        return _json({})


class _Upload(io.RawIOBase):
    """The body of an upload, read a chunk at a time, with the faults that concern it."""

    def __init__(self, request: Request, exchange: Exchange, faults: Faults):
        self._request, self._exchange, self._faults = request, exchange, faults
        self._breaks = faults.breaks_upload()

    def read(self, size: int = CHUNK) -> bytes:
        time.sleep(self._faults.seconds_per_chunk)
        chunk = self._request.stream.read(size)
        self._exchange.received += len(chunk)
        if self._breaks:
            raise Disconnected(self._request.path)
        return chunk


def _json(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, headers, mimetype="application/json")


def _commit(repository: Repository, revision: str) -> Commit:
    commit = repository.resolve(revision)
    if commit is None:
        raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    return commit


def _split_revision(rest: str) -> tuple[str, str]:
    """`revision/path` apart; a revision such as `refs/pr/1` has three parts, any other has one."""
    parts = rest.split("/")
    length = 3 if parts[0] == "refs" else 1
    return "/".join(parts[:length]), "/".join(parts[length:])


def _parents(path: str, below: str = "") -> set[str]:
    """The folders a path lies in, without those that `below` names."""
    parts = path.removeprefix(below).split("/")
    return {below + "/".join(parts[:length]) for length in range(1, len(parts))}


def _node(repository: Repository, commit: Commit, path: str, expand: bool | None) -> dict:
    """A file or folder as listings show it."""
    file = commit.tree.get(path)
    if file is None:
        return {"type": "directory", "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0, "path": path}
    node = {"type": "file", "oid": file.git_id, "size": file.size, "path": path}
    if file.lfs:
        node["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    if expand:
        last = repository.last_change(commit, path)
        node["lastCommit"] = {"id": last.id, "title": last.title, "date": last.date}
    return node


def _lines(request: Request) -> Iterator[tuple[str, dict]]:
    """The operations of a commit (newline-delimited JSON)."""
    for line in request.get_data().splitlines():
        if line.strip():
            operation = json.loads(line)
            yield operation["key"], operation["value"]
