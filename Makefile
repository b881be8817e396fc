# make demo: the shipped model on examples/, in a new virtual environment without torch.
# make test: the tests, in a virtual environment of their own with everything that training needs.
PYTHON ?= python3
DEMO := .venv-demo
TEST := .venv-test

.PHONY: demo test clean

demo: $(DEMO)/installed
	@$(DEMO)/bin/stance analyze --format table examples/*.txt

# Two files of tests at a time: each trains or scores on one core.
test: $(TEST)/installed
	@OMP_NUM_THREADS=1 $(TEST)/bin/python -m pytest -q -n 2 --dist loadfile $(ARGS)

$(DEMO)/installed: pyproject.toml
	@echo "making $(DEMO) (a minute, once)"
	@$(PYTHON) -m venv --clear $(DEMO)
	@$(DEMO)/bin/pip install --quiet --disable-pip-version-check -e .
	@touch $@

# torch first, in the version that has a CPU build; a plain "torch" brings gigabytes of CUDA on Linux.
$(TEST)/installed: pyproject.toml
	@echo "making $(TEST) (some minutes, once)"
	@$(PYTHON) -m venv --clear $(TEST)
	@$(TEST)/bin/pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(TEST)/bin/pip install --quiet --disable-pip-version-check -e '.[train,test]'
	@touch $@

clean:
	rm -rf $(DEMO) $(TEST) build dist *.egg-info
