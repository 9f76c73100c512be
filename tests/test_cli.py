"""The command line: what is written where, and the exit status."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import BAD, COMMANDS, ENERGY, MATMUL, MATMUL_GRADIENTS, write

import einsgrad as eg
from einsgrad import commands
from einsgrad.diagnostics import InternalError
from einsgrad.gallery import names, read

ROOT = Path(__file__).parents[1]


# --- help and usage


def test_alone_it_prints_help(einsgrad):
    out = einsgrad.good()
    assert out == einsgrad.good("--help")
    assert all(f"\n    {name}" in out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(einsgrad, command):
    out = einsgrad.good(command, "--help")
    assert f"\n  einsgrad {command} " in out
    assert max(map(len, out.splitlines())) <= 80


def test_version(einsgrad):
    assert einsgrad.good("--version") == f"einsgrad {eg.__version__}\n"


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["derive"], "give a FILE, or -e EQUATION in its place"),
        (["check"], "give a FILE, or -e EQUATION in its place"),
        (["derive", "matmul", "-e", MATMUL], "give a FILE, or -e EQUATION in its place"),
        (["derives", "matmul"], "invalid choice: 'derives'"),
        (["derive", "matmul", "--stepwise"], "unrecognized arguments: --stepwise"),
        (["derive", "matmul", "--format", "word"], "argument --format: invalid choice: 'word'"),
        (["run", "matmul"], "required: --inputs"),
        (["derive", "matmul", "--wrt", "x,,a"], "expected names separated by commas, such as x,a; got 'x,,a'"),
        (["compile", "matmul", "--sizes", "i"], "expected sizes of indices, such as b=64,h=768; got 'i'"),
        (["compile", "matmul", "--sizes", "i=-3"], "got 'i=-3'"),
        (["compile", "matmul", "--sizes", "i=1,i=2"], "two sizes for i in 'i=1,i=2'"),
    ],
)
def test_usage_errors(einsgrad, argv, complaint):
    assert complaint in einsgrad.bad(*argv)


@pytest.mark.parametrize("option", ["--stepwise", "--wrong=1", "-x"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_option_is_answered_with_the_usage_of_its_command(einsgrad, command, option):
    needed = {"einsum": ["ij->i"], "cache": [], "completion": ["bash"], "run": ["matmul", "--inputs", "in.npz"]}
    err = einsgrad.bad(command, *needed.get(command, ["matmul"]), option)
    assert err.startswith(f"usage: einsgrad {command} [-h]")
    assert f"\neinsgrad {command}: error: unrecognized arguments: {option}" in err
    assert err.endswith(f"\n`einsgrad {command} --help` tells more\n")


def test_a_wrong_option_without_a_command_is_answered_with_the_usage(einsgrad):
    err = einsgrad.bad("--stepwise")
    assert err.startswith("usage: einsgrad [-h] [--version] COMMAND")
    assert err.endswith("\neinsgrad: error: unrecognized arguments: --stepwise\n`einsgrad --help` tells more\n")


def test_help_after_a_wrong_option_is_that_of_the_command(einsgrad):
    assert einsgrad.good("derive", "matmul", "--stepwise", "--help") == einsgrad.good("derive", "--help")


def test_near_options_are_proposed(einsgrad):
    assert "unrecognized arguments: --step: did you mean --steps?\n" in einsgrad.bad("derive", "matmul", "--step")
    assert "unrecognized arguments: --size=i=3: did you mean" not in einsgrad.bad("derive", "matmul", "--size=i=3")


# --- where a program comes from


def test_all_forms_of_file_are_one_program(einsgrad):
    path = write("some name.ein", MATMUL)
    forms = [(path,), (Path(path).absolute(),), ("-e", MATMUL)]
    assert {einsgrad.good("derive", *form) for form in forms} == {MATMUL_GRADIENTS}
    assert einsgrad.good("derive", "-", stdin=MATMUL.encode()) == MATMUL_GRADIENTS


def test_gallery_name(einsgrad):
    assert einsgrad.good("derive", "layer_norm") == str(eg.grad(eg.load("layer_norm")))


def test_a_file_goes_before_the_gallery(einsgrad):
    write("trace", MATMUL)
    assert einsgrad.good("derive", "trace") == MATMUL_GRADIENTS


def test_repeated_equations_are_lines(einsgrad):
    one = einsgrad.good("derive", "-e", "h_i = w_ij x_j; l = h_i h_i")
    assert einsgrad.good("derive", "-e", "h_i = w_ij x_j", "-e", "l = h_i h_i") == one


@pytest.mark.parametrize("command", [("derive",), ("compile",), ("run", "--inputs", "in.npz")])
def test_bad_equations_are_all_told_on_stderr(einsgrad, command):
    path = write("bad.ein", BAD)
    err = einsgrad.bad(*command, path)
    assert "bad.ein:1:10: error[dummy-once]: `j` occurs once" in err
    assert "\n    y_i = x_ij\n" in err
    assert "\n    z_i = sofmax(w_i)\n          ^" in err


@pytest.mark.parametrize("command", [("derive",), ("check",)])
def test_places_in_text_that_has_no_file(einsgrad, command):
    assert "<stdin>:1:10: error[dummy-once]" in einsgrad(*command, "-", stdin=BAD.encode())[2]
    assert "<equation>:1:10: error[dummy-once]" in einsgrad(*command, "-e", BAD)[2]


@pytest.mark.parametrize("name", ["nowhere/no.ein", "layer_nrm", "../gallery/trace", "", "no\x1b[31mred", "-e "])
def test_no_such_file(einsgrad, name):
    err = einsgrad.bad("derive", "--", name)
    assert name.replace("\x1b", "�") in err
    assert "\x1b" not in err


def test_names_of_files_do_not_steer_the_terminal(einsgrad):
    status, out, err = einsgrad("check", "no\x1b[31mred")
    assert (status, out) == (2, "no�[31mred: bad input\n")
    assert "\x1b" not in err


def test_near_gallery_names_are_proposed(einsgrad):
    assert "did you mean layer_norm?" in einsgrad.bad("derive", "layer_nrm")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00y", b"y_i = x_i\x00", bytes(range(256)), b"PK\x03\x04"])
@pytest.mark.parametrize("file", ["bytes.ein", "-"])
def test_what_is_no_text(einsgrad, content, file):
    Path("bytes.ein").write_bytes(content)
    assert "error[" in einsgrad.bad("derive", file, stdin=content)


def test_a_directory_is_no_program(einsgrad):
    Path("folder").mkdir()
    assert "folder" in einsgrad.bad("derive", "folder")


def test_warnings_do_not_disturb_results(einsgrad):
    status, out, err = einsgrad("derive", "-e", "y_ij = exp(x_ij) / (1_j exp(x_ij))", "--wrt", "x")
    assert status == 0
    assert "warning[" in err
    assert out.startswith("∂l/∂x")


# --- compile


def test_compile_writes_the_module(einsgrad):
    source = einsgrad.good("compile", "-e", MATMUL)
    assert source == eg.compile(eg.parse(MATMUL)).source
    status, out, err = einsgrad("compile", "-e", MATMUL, "-o", "mm.py")
    assert (status, out) == (0, "")
    assert err.startswith("wrote mm.py")
    assert Path("mm.py").read_text(encoding="utf-8") == source
    assert os.listdir() == ["mm.py"]
    done = subprocess.run([sys.executable, "mm.py"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_compile_writes_a_folder_of_native_code(einsgrad):
    text = eg.compile(eg.parse(MATMUL), target="native").source
    assert einsgrad.good("compile", "-e", MATMUL, "--target", "native") == text
    status, out, err = einsgrad("compile", "-e", MATMUL, "--target", "native", "-o", "new/mat-mul")
    assert (status, out) == (0, "")
    assert "run new/mat-mul/mat_mul.py to test its gradients" in err
    names = ["mat_mul.c", "mat_mul.h", "mat_mul.py", "mat_mul_float32.c"]
    assert sorted(path.name for path in Path("new/mat-mul").iterdir()) == names
    assert einsgrad("compile", "softmax", "--target", "native", "-o", "new/mat-mul")[0] == 0
    assert Path("new/mat-mul/softmax.py").exists()
    wrong = einsgrad.bad("compile", "-e", ENERGY, "--target", "native", "--with", "jvp,hvp")
    assert "error[no-native-code]: there is no native code for jvp, hvp" in wrong


def test_compile_choices(einsgrad):
    source = einsgrad.good("compile", "-e", MATMUL, "--wrt", "a", "--sizes", "i=3,k=4")
    assert source == eg.compile(eg.parse(MATMUL), wrt="a", sizes={"i": 3, "k": 4}).source
    assert "dl_dx" not in source


def test_compile_offers_functions_besides(einsgrad):
    text = "l = 1_i exp(x_ij a_j)"
    source = einsgrad.good("compile", "-e", text, "--with", "jvp,hvp,hessian", "--wrt", "a")
    assert source == eg.compile(text, wrt="a").module("jvp", "hvp", "hessian")
    assert "a module can't offer `hpv`: did you mean hvp?" in einsgrad.bad("compile", "-e", text, "--with", "hpv")
    assert "hvp needs one scalar output; this function computes y" in einsgrad.bad("compile", "matmul", "--with", "hvp")


def test_compile_takes_the_options_of_planning(einsgrad):
    text = "l = 1_ijk (t_ijk - a_ir b_jr c_kr)^2"
    arguments = ("compile", "-e", text, "--sizes", "i=200,j=200,k=200,r=8")
    sizes = {"i": 200, "j": 200, "k": 200, "r": 8}
    whole = einsgrad.good(*arguments, "--no-expand", "--optimizer", "random-greedy", "--search-time", "0.5")
    assert whole == eg.compile(text, sizes=sizes, optimizer="random-greedy", search_time=0.5, expand=False).source
    assert whole != einsgrad.good(*arguments)
    assert "there is no optimizer 'dq'" in einsgrad.bad(*arguments, "--optimizer", "dq")
    assert "memory limit of 800 B" in einsgrad.bad(*arguments, "--memory-limit", "800B")
    assert "expected seconds, such as 0.5; got 'soon'" in einsgrad.bad(*arguments, "--search-time", "soon")


def test_an_existing_file_is_kept_if_the_program_is_bad(einsgrad):
    write("out.py", "precious")
    einsgrad.bad("compile", "-e", BAD, "-o", "out.py")
    assert Path("out.py").read_text() == "precious"


def test_an_existing_file_keeps_its_mode_and_its_link(einsgrad):
    write("real.py", "old")
    os.chmod("real.py", 0o754)
    os.symlink("real.py", "link.py")
    assert einsgrad("compile", "-e", MATMUL, "-o", "link.py")[0] == 0
    assert os.path.islink("link.py")
    assert os.stat("real.py").st_mode & 0o777 == 0o754
    assert "y_ij" in Path("real.py").read_text(encoding="utf-8")


def test_a_new_file_has_the_usual_mode(einsgrad):
    write("usual", "")
    einsgrad("compile", "-e", MATMUL, "-o", "new.py")
    assert os.stat("new.py").st_mode == os.stat("usual").st_mode


def test_nothing_is_left_behind_where_writing_fails(einsgrad, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    write("out.py", "precious")
    monkeypatch.setattr(os, "fsync", full)
    assert "No space left on device" in einsgrad.bad("compile", "-e", MATMUL, "-o", "out.py")
    assert os.listdir() == ["out.py"]
    assert Path("out.py").read_text() == "precious"


def test_a_folder_is_written_whole_or_not_at_all(einsgrad, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    Path("there").write_text("")
    assert "error[output-file]: there is a file" in einsgrad.bad(
        "compile", "-e", MATMUL, "--target", "native", "-o", "there"
    )
    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in einsgrad.bad("compile", "-e", MATMUL, "--target", "native", "-o", "new")
    assert not Path("new").exists()
    Path("old").mkdir()
    einsgrad.bad("compile", "-e", MATMUL, "--target", "native", "-o", "old")
    assert list(Path("old").iterdir()) == []


@pytest.mark.parametrize(
    ("output", "complaint"),
    [(".", "error[output-directory]: . is a directory"), ("no/out.py", "no/out.py: No such file or directory")],
)
def test_what_can_not_be_written(einsgrad, output, complaint):
    assert complaint in einsgrad.bad("compile", "-e", MATMUL, "-o", output)


def test_the_input_is_not_written_over(einsgrad):
    path = write("mine.ein", MATMUL)
    assert "error[output-is-input]: ./mine.ein is the input" in einsgrad.bad("compile", path, "-o", "./mine.ein")
    assert Path(path).read_text() == MATMUL


def test_a_device_is_written_to_not_replaced(einsgrad):
    assert einsgrad("compile", "-e", MATMUL, "-o", os.devnull)[0] == 0
    assert Path(os.devnull).is_char_device()


# --- run


def test_run_prints_a_summary(einsgrad):
    np.savez("in.npz", x=np.array([[1.0, 2.0]]), a=np.array([[3.0], [4.0]]))
    assert einsgrad.good("run", "-e", MATMUL, "--inputs", "in.npz") == "y  1×1 float64\n    [[11.]]\n"


def test_run_does_not_print_large_arrays(einsgrad):
    np.savez("in.npz", x=np.arange(1000.0), y=np.ones(7, np.float32))
    out = einsgrad.good("run", "-e", "z_ij = x_i y_j", "--inputs", "in.npz")
    assert out == "z  1000×7 float64, from 0 to 999\n"


def test_run_writes_gradients_of_a_scalar(einsgrad):
    np.savez("in.npz", x=np.array([1.0, 2.0]), gamma=np.array([3.0, 4.0]))
    status, out, err = einsgrad("run", "-e", ENERGY, "--inputs", "in.npz", "--grad", "-o", "out.npz")
    assert (status, out, err) == (0, "", "wrote out.npz: E, dE_dx, dE_dγ\n")
    with np.load("out.npz") as results:
        assert {n: results[n].tolist() for n in results} == {"E": 19.0, "dE_dx": [6.0, 16.0], "dE_dγ": [1.0, 4.0]}


def test_run_takes_upstream_gradients(einsgrad):
    x, a, gy = np.ones((2, 3)), np.arange(6.0).reshape(3, 2), np.array([[1.0, 0.0], [0.0, 2.0]])
    np.savez("in.npz", x=x, a=a, dl_dy=gy)
    assert einsgrad("run", "-e", MATMUL, "--inputs", "in.npz", "--grad", "-o", "out.npz")[0] == 0
    with np.load("out.npz") as results:
        assert list(results) == ["y", "dl_dx", "dl_da"]
        np.testing.assert_allclose(results["dl_dx"], gy @ a.T)
        np.testing.assert_allclose(results["dl_da"], x.T @ gy)
    einsgrad.good("run", "-e", MATMUL, "--inputs", "in.npz")


def test_run_asks_for_upstream_gradients(einsgrad):
    np.savez("in.npz", x=np.ones(2))
    err = einsgrad.bad("run", "-e", "y_i = x_i^2; z = x_i", "--inputs", "in.npz", "--grad")
    assert "error[" in err
    err = einsgrad.bad("run", "-e", "y_i = x_i^2; z_i = sin(x_i)", "--inputs", "in.npz", "--grad")
    assert "error[upstream-missing]: in.npz has no dl_dy, dl_dz" in err
    assert "  note: dl_dy has the shape of y\n" in err


def test_run_needs_sizes_that_no_array_tells(einsgrad):
    np.savez("in.npz", b=np.ones(2))
    einsgrad.bad("run", "-e", "a_ij = 1_i b_j", "--inputs", "in.npz")
    out = einsgrad.good("run", "-e", "a_ij = 1_i b_j", "--inputs", "in.npz", "--sizes", "i=3")
    assert out.startswith("a  3×2 float64\n")


@pytest.mark.parametrize("name", ["file", "self", "np", "lambda", "args", "allow_pickle"])
def test_run_with_names_that_python_uses(einsgrad, name):
    # numpy.savez could not write an array of these names; what `run` writes is what it can read.
    np.savez("in.npz", x=np.array([1.0, 2.0]))
    assert einsgrad("run", "-e", f"{name}_i = 2 x_i", "--inputs", "in.npz", "-o", "named.npz")[0] == 0
    out = einsgrad.good("run", "-e", f"y = {name}_i {name}_i", "--inputs", "named.npz", "--grad")
    assert out.startswith(f"y  scalar float64\n    20.\nd{'y'}_d{name}  2 float64\n    [4. 8.]\n")


def test_run_wrong_arrays(einsgrad):
    np.savez("in.npz", x=np.ones((2, 3)), a=np.ones((4, 2)))
    err = einsgrad.bad("run", "-e", MATMUL, "--inputs", "in.npz")
    assert all(part in err for part in ("`k`", "`x`", "`a`", "3", "4"))
    assert "x" in einsgrad.bad("run", "-e", ENERGY, "--inputs", "in.npz")


def test_run_refuses_what_holds_no_arrays(einsgrad):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, ("trapped",))

    np.savez("object.npz", x=np.array([Trap()], dtype=object))
    np.save("single.npy", np.ones(2))
    write("text.npz", "x = 1")
    write("empty.npz", "")
    Path("cut.npz").write_bytes(Path("object.npz").read_bytes()[:40])
    for path in ("object.npz", "single.npy", "text.npz", "empty.npz", "cut.npz"):
        assert f"error[not-an-npz]: {path} is no npz file" in einsgrad.bad("run", "-e", ENERGY, "--inputs", path)
    assert not os.path.exists("trapped")
    assert "no.npz: No such file" in einsgrad.bad("run", "-e", ENERGY, "--inputs", "no.npz")


def test_run_keeps_its_inputs(einsgrad):
    np.savez("in.npz", x=np.ones(2), γ=np.ones(2))
    before = Path("in.npz").read_bytes()
    assert "output-is-input" in einsgrad.bad("run", "-e", ENERGY, "--inputs", "in.npz", "-o", "in.npz")
    assert Path("in.npz").read_bytes() == before


# --- einsum and gallery


def test_einsum(einsgrad):
    assert einsgrad.good("einsum", "ik,kj->ij") == "dl_da: ij,kj->ik  (dl_dout, b)\ndl_db: ik,ij->kj  (a, dl_dout)\n"


def test_einsum_explains_operands_beneath_the_line(einsgrad):
    assert einsgrad.good("einsum", "...ii,j->...") == (
        "dl_da: ...,j,ik->...ik  (dl_dout, b, δ)\n"
        "       δ_ik: the identity matrix, np.eye(a.shape[-2])\n"
        "dl_db: ...ii,...,j->j   (a, dl_dout, 1)\n"
        "       1_j: ones, np.ones(b.shape[0])\n"
        "       the sum over `...`: np.einsum takes it with optimize=True, and opt_einsum.contract always\n"
    )


def test_einsum_that_is_none(einsgrad):
    assert "error[" in einsgrad.bad("einsum", "ik,kj->iq")


def test_gallery_lists_and_shows(einsgrad):
    lines = einsgrad.good("gallery").splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert "the transpose of a matrix, A = Bᵀ" in next(line for line in lines if line.startswith("transpose "))
    assert einsgrad.good("gallery", "trace") == read("trace")


def test_gallery_unknown_name(einsgrad):
    err = einsgrad.bad("gallery", "../../README.md")
    assert "error[unknown-gallery-name]: the gallery has no `../../README.md`" in err


# --- accidents


@pytest.mark.parametrize(
    ("error", "status", "complaint"),
    [
        (KeyboardInterrupt(), 130, ""),
        (MemoryError("8 EiB"), 2, "einsgrad: not enough memory: 8 EiB\n"),
        (InternalError("lost"), 70, "internal error: lost\nThis is a defect of einsgrad"),
        (ZeroDivisionError("lost"), 70, "internal error: ZeroDivisionError('lost')\nThis is a defect of einsgrad"),
    ],
)
def test_accidents(einsgrad, monkeypatch, error, status, complaint):
    def fail(arguments):
        raise error

    monkeypatch.setattr(commands, "gallery", fail)
    assert einsgrad("gallery")[0] == status
    assert complaint in einsgrad("gallery")[2]


def test_module_and_script_are_the_same(process):
    done = process("derive", "-e", MATMUL, capture_output=True)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, MATMUL_GRADIENTS, b"")


def test_the_locale_does_not_matter(process):
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = process("derive", "-e", "y_i = x_i^2", env=env, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == str(eg.grad(eg.parse("y_i = x_i^2")))


@pytest.mark.parametrize(("closed", "status"), [("<&-", 2), (">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 2)])
def test_closed_streams(tmp_path, closed, status):
    file = "-" if "<" in closed else "trace"
    command = f'"{sys.executable}" -m einsgrad derive {file} {closed}'
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == status
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told(process):
    with open("/dev/full", "wb") as full:
        done = process("gallery", stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (2, b"einsgrad: No space left on device\n")


@pytest.mark.parametrize("argv", [("gallery",), ("derive", "layer_norm"), ("check", "trace", "trace")])
def test_a_closed_pipe_is_no_accident(process, argv):
    reading, writing = os.pipe()
    os.close(reading)
    done = process(*argv, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


# --- LaTeX

LATEX = "\\begin{align}\n  y_{ij} &= x_{ik} a_{kj} \\label{eq:y} \\\\\n         &= a_{kj} x_{ik}\n\\end{align}\n"


def test_latex_is_read_from_a_file_and_from_standard_input(einsgrad):
    Path("paper.tex").write_text(LATEX, encoding="utf-8")
    assert einsgrad.good("derive", "paper.tex") == MATMUL_GRADIENTS
    assert einsgrad.good("derive", "-", stdin=LATEX.encode()) == MATMUL_GRADIENTS
    assert einsgrad.good("derive", "-e", r"y_{ij} = x_{ik} \, a_{kj}") == MATMUL_GRADIENTS
    assert "proved" in einsgrad.good("check", "paper.tex")


def test_an_error_points_into_the_latex_source(einsgrad):
    Path("paper.tex").write_text(LATEX.replace("a_{kj} x_{ik}", r"\oint_k x"), encoding="utf-8")
    assert einsgrad.bad("derive", "paper.tex").startswith("paper.tex:3:13: error[unsupported-command]: `\\oint`")
