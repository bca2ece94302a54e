PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
.PHONY: run test check lint bench-page bench-signup bench-dispatch bench-reminders bench-phone chaos-reminders prove-signups prove-offers install-dev lock messages clean

run: export PORT := $(PORT)
run:  ## everything, on http://127.0.0.1:$(PORT)/
	@$(PYTHON) config/bootstrap.py requirements.txt "$$PORT"
	@exec $(BIN)/python -m config.up

test: install-dev  ## the tests; without a Chromium the browser tests are left out
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: lint test  ## the linters, then the tests

lint: install-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/djlint --check --lint --quiet frontend
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check

bench-page: install-dev  ## the warm appeal over a bare Django view; the last line is JSON
	@$(BIN)/python -m tests.bench.page

prove-signups: install-dev  ## 2,000 runs of sign-ups against a simple model
	@SIGNUP_RUNS=2000 $(BIN)/python -m pytest tests/signups/test_machine.py

prove-offers: install-dev  ## 1,000 runs of offers, answers and the search against a simple model; 50 rushes for the last places
	@OFFER_RUNS=1000 LAST_PLACES_ROUNDS=50 $(BIN)/python -m pytest tests/dispatch/test_machine.py tests/dispatch/test_last_places.py

bench-signup: install-dev  ## sign-ups over pgbench, a steady surge, 400 at once; the last line is JSON
	@$(BIN)/python -m tests.bench.signup

bench-dispatch: install-dev  ## the planner over dense exact solving, repair, ten times the city, the way through the database; the last line is JSON
	@$(BIN)/python -m tests.bench.dispatch

bench-reminders: install-dev  ## 62,329 reminders over a bare HTTP client, codes beside a slow provider; the last line is JSON
	@$(BIN)/python -m tests.bench.reminders

bench-phone: install-dev  ## bytes, requests, axe and paint of every page in Chromium, in both languages; the last line is JSON
	@$(BIN)/python -m tests.bench.phone

chaos-reminders: install-dev  ## 10,000 reminders while workers, broker and database are killed; the last line is JSON
	@$(BIN)/python -m tests.bench.chaos

install-dev:
	@$(PYTHON) config/bootstrap.py requirements-dev.txt

lock: install-dev  ## resolve pyproject.toml into the two requirements files
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --quiet -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --quiet --extra dev -o requirements-dev.txt pyproject.toml

messages: install-dev  ## refresh and compile the translations (needs gettext)
	$(BIN)/python manage.py makemessages --all --no-obsolete --add-location file --ignore .venv
	$(BIN)/python manage.py compilemessages --ignore .venv

clean:  ## remove all that a run or the tests made, the demonstration's data too
	@if $(BIN)/python -c "import config.down" 2>/dev/null; then $(BIN)/python -m config.down; fi
	rm -rf .venv .data staticfiles artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
