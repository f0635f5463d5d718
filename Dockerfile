# docker build -t logo-gan .                             with torch for CPUs
# docker build -t logo-gan --build-arg TORCH_INDEX= .    with torch for CUDA, some gigabytes
# docker run -p 7860:7860 logo-gan                       the page at http://127.0.0.1:7860
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /build
COPY requirements.txt constraints.txt ./
# Wheels only: there is no compiler here either. pip stays outside of what is copied below.
RUN python -m venv --without-pip /opt/venv && pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: \
    ${TORCH_INDEX:+--extra-index-url ${TORCH_INDEX}} --requirement requirements.txt --constraint constraints.txt

FROM ${PYTHON_IMAGE}
# The folder of the log is a volume of its own, with profile elk in compose.yaml.
RUN useradd --uid 1000 --create-home user && install --directory --owner=1000 --group=1000 /var/log/logo-gan
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY --chown=1000:1000 . ./
# HOME is the one folder that is written to: uploads, pictures, caches, what comes from the Hub.
ENV PATH=/opt/venv/bin:${PATH} \
    HOME=/home/user \
    TMPDIR=/home/user \
    PYTHONUNBUFFERED=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860
RUN python -m compileall -q .
USER 1000:1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", \
    "import http.client, os; page = http.client.HTTPConnection('127.0.0.1', os.environ['GRADIO_SERVER_PORT'], timeout=5); page.request('GET', '/health'); exit(page.getresponse().status != 200)"]
# As process 1, Python ignores the usual SIGTERM.
STOPSIGNAL SIGINT
CMD ["python", "app.py"]
