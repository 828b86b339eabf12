# The two commands of a newcomer are `make run` and `make test`. The work is in scripts/.

.DEFAULT_GOAL := help
.PHONY: help run test check bench install uninstall

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and show notifications arrive
	@scripts/run.sh

test: ## Everything that must hold: style, dependencies, tests, fuzzing, documentation
	@scripts/test.sh

check: ## The fast part of `test`, for while you work
	@scripts/check.sh

bench: ## The figures, each with the limit measured in the same run
	@scripts/bench.sh

install: ## Install for you (~/.local), or for everyone as root; PREFIX and DESTDIR are honoured
	@scripts/install.sh

uninstall: ## Remove what `install` has installed; your inbox and configuration stay
	@scripts/install.sh --remove
