run test check setup lock:
	python3 dev.py $@

.PHONY: run test check setup lock
