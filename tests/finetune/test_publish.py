"""An adapter goes to the loopback Hub in one commit and loads from there with plain PEFT."""

from __future__ import annotations

import json

import huggingface_hub
import pytest
from huggingface_hub import HfApi
from huggingface_hub.repocard import metadata_load

from finetune import publish
from tests.support.loopback_hub.client import TOKEN, python_client, run_client

REPO = "me/tiny-ja"
BASE = "me/tiny"
LOAD = """
import sys
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
base = AutoModelForCausalLM.from_pretrained(sys.argv[1])
model = PeftModel.from_pretrained(base, sys.argv[2])
tokens = AutoTokenizer.from_pretrained(sys.argv[2])("猫", return_tensors="pt")
print(model.generate(**tokens, max_new_tokens=8, do_sample=False, pad_token_id=2)[0].tolist())
"""


@pytest.fixture
def api(hub, monkeypatch) -> HfApi:
    """A client of the loopback Hub in this process, where nothing else may reach a network."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(publish, "get_token", lambda: None)
    return HfApi(endpoint=hub.endpoint, token=TOKEN)


@pytest.fixture(scope="module")
def prepared(trained) -> publish.Publish:
    return publish.prepare(trained, REPO, base_model=BASE, dataset="me/data")


def test_command_publishes_what_loads_elsewhere(hub, api, trained, base, tmp_path):
    api.create_repo(BASE)
    api.upload_folder(repo_id=BASE, folder_path=base)
    command = ["-m", "finetune.publish", str(trained), "--repo", REPO, "--base-model", BASE]
    done = run_client(hub, tmp_path / "writer", command)
    assert done.returncode == 0, done.stderr
    assert f"published at {hub.endpoint}/{REPO}" in done.stdout
    from_hub = python_client(hub, tmp_path / "reader", LOAD, BASE, REPO, token=None)
    assert from_hub == python_client(hub, tmp_path / "here", LOAD, str(base), str(trained), token=None)


def test_repository_holds_the_adapter_and_nothing_of_this_machine(api, prepared, trained, tmp_path):
    publish.send(prepared, api)
    files = set(api.list_repo_files(REPO)) - {".gitattributes"}
    weights_and_card = {"adapter_config.json", "adapter_model.safetensors", "README.md", "loss.png"}
    assert files == weights_and_card | {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}
    config = json.loads(prepared.files["adapter_config.json"])
    assert config["base_model_name_or_path"] == BASE
    for name in ("adapter_config.json", "README.md"):
        assert str(trained.parent).encode() not in prepared.files[name]
    card = api.hf_hub_download(REPO, "README.md", cache_dir=tmp_path)
    head = metadata_load(card)
    assert (head["base_model"], head["datasets"], head["library_name"]) == (BASE, ["me/data"], "peft")


def test_one_commit_and_none_for_the_same_again(api, prepared):
    publish.send(prepared, api)
    commits = [commit.title for commit in api.list_repo_commits(REPO)]
    assert commits.count("LoRA adapter with its model card") == 1
    publish.send(prepared, api)
    assert [commit.title for commit in api.list_repo_commits(REPO)] == commits


def test_dry_run_lists_the_files_and_sends_nothing(hub, api, trained, capsys):
    assert publish.main([str(trained), "--repo", REPO, "--base-model", BASE, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "bytes  adapter_model.safetensors\n" in shown
    assert f"nothing was sent: without --dry-run these files become one commit in {REPO}" in shown
    assert not api.repo_exists(REPO)


def test_base_in_a_directory_needs_a_name(trained, base, capsys):
    assert publish.main([str(trained), "--repo", REPO]) == 1
    assert capsys.readouterr().err == (
        f"error: the base model of {trained} is the directory {base}, which nobody else has\n"
        "Next step: say with --base-model ORG/NAME what it is called on the Hub.\n"
    )


def test_no_name_of_a_repository(trained, capsys):
    assert publish.main([str(trained), "--repo", "tiny"]) == 1
    assert capsys.readouterr().err == (
        "error: tiny is not the name of a repository\nNext step: give --repo ORG/NAME.\n"
    )


def test_no_token(hub, api, prepared):
    with pytest.raises(publish.PublishError) as error:
        publish.send(prepared, HfApi(endpoint=hub.endpoint, token=False))
    assert str(error.value) == (
        f"there is no token for {hub.endpoint}, and publishing needs one\n"
        f"Next step: make one with write permission at {hub.endpoint}/settings/tokens, then `hf auth login`, "
        "or put it into HF_TOKEN."
    )


@pytest.mark.parametrize("token", ["秘密", "hf_ab cd", "hf_\x1b[31m"])
def test_token_that_no_request_can_carry(hub, prepared, token):
    with pytest.raises(publish.PublishError) as error:
        publish.send(prepared, HfApi(endpoint=hub.endpoint, token=token))
    assert str(error.value) == (
        f"the token for {hub.endpoint} is none: there are spaces, control characters or letters outside ASCII in it\n"
        f"Next step: copy it again from {hub.endpoint}/settings/tokens, then `hf auth login`, or put it into HF_TOKEN."
    )
    assert not list(hub.traffic)


@pytest.mark.parametrize("request_name", ["create", "preupload", "batch", "commit"])
@pytest.mark.parametrize("lie", [b"", b"<html>Log in</html>", b"null", b"[]", b"{}", b"[[" * 100_000])
def test_answers_that_are_no_hub_s(hub, api, prepared, request_name, lie):
    hub.faults.answers[request_name] = 200, lie
    with pytest.raises(publish.PublishError) as error:
        publish.send(prepared, api)
    assert str(error.value).startswith(f"{hub.endpoint} answered something else than a Hub does: ")


def test_token_that_is_not_accepted(hub, api, prepared):
    hub.faults.refuse_token = True
    with pytest.raises(publish.PublishError) as error:
        publish.send(prepared, api)
    assert str(error.value) == (
        f"{hub.endpoint} does not accept the token\n"
        f"Next step: make a new one with write permission at {hub.endpoint}/settings/tokens, then `hf auth login`."
    )


def test_token_that_may_not_write(hub, api, prepared):
    hub.faults.forbid_writing = True
    with pytest.raises(publish.PublishError) as error:
        publish.send(prepared, api)
    assert str(error.value) == (
        f"the token may not write to {REPO}\n"
        "Next step: take one with write permission, or ask an owner of me for the right."
    )


def test_network_that_breaks_leaves_the_repository_as_it_was_and_the_same_command_mends_it(
    hub, api, prepared, monkeypatch
):
    publish.send(prepared, api)
    before = api.list_repo_commits(REPO)[0].commit_id
    weights = prepared.files["adapter_model.safetensors"].read_bytes()
    changed = publish.Publish(REPO, prepared.files | {"adapter_model.safetensors": weights + b"\0" * 9})
    hub.faults.uploads_left = 0
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client's pauses before it tries again
    with pytest.raises(publish.PublishError) as error:
        publish.send(changed, api)
    message = str(error.value)
    assert message.startswith(f"the connection to {hub.endpoint} broke: ")
    assert message.endswith(f"give the same command again; {REPO} changes only once everything has arrived.")
    assert api.list_repo_commits(REPO)[0].commit_id == before
    hub.faults.uploads_left = None
    publish.send(changed, api)
    assert api.list_repo_commits(REPO)[0].commit_id != before
