"""Our YAML is read as text: nothing is guessed."""

import pytest

from kla.errors import DistrictError
from kla.io.yaml_text import Fields, read_mapping


def read(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, "x.yaml", DistrictError)


def test_every_scalar_is_text_as_written(tmp_path):
    found = read(tmp_path, "a: 53.70\nb: yes\nc: 2024-05-31\nd: [0.10, 1e3]\n")
    assert found == {"a": "53.70", "b": "yes", "c": "2024-05-31", "d": ["0.10", "1e3"]}


def test_a_code_without_quotation_marks_is_told_from_one_with(tmp_path):
    found = read(tmp_path, 'a: 53.70\nb: "53.70"\n')
    fields = Fields(found, "x.yaml", ("a", "b"), DistrictError)
    assert fields.quoted("b") == "53.70"
    with pytest.raises(DistrictError, match=r'Write it as text: a: "53\.70"'):
        fields.quoted("a")


@pytest.mark.parametrize("text", ["a: 1\na: 1\n", "x: {b: 1, b: 2}\n"])
def test_a_key_given_twice_is_refused_with_its_line(tmp_path, text):
    with pytest.raises(DistrictError, match="given twice"):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DistrictError, match="does not exist"):
        read_mapping(tmp_path / "none.yaml", "none.yaml", DistrictError)


def test_no_object_can_be_built_from_our_files(tmp_path):
    assert read(tmp_path, "a: !!python/object/apply:os.getcwd []\n") == {"a": []}


def test_a_text_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(DistrictError, match="Correct the YAML"):
        read_mapping(tmp_path / "x.yaml", "x.yaml", DistrictError)
