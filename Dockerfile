# The app on port 8501, or the web API on port 8000 (see compose.yaml); weights inside, no network needed once built.
# Runs and originals are kept in /data. Works with a read-only file system, given /data and a /tmp to write to.
FROM python:3.11-slim AS build
# address of an index with wheels of torch for processors, where pip's own holds larger ones
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /telltale
COPY requirements.txt ./
RUN grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
    && if [ -n "$TORCH_INDEX" ]; then pip install --index-url "$TORCH_INDEX" -r torch.txt; fi \
    && pip install -r requirements.txt
COPY . .
RUN pip install --no-deps -e . && python -m compileall -q dashboard models pipeline

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin telltale \
    && install -d -o telltale -g telltale -m 0700 /data
COPY --from=build /venv /venv
COPY --from=build /telltale /telltale
WORKDIR /telltale
ENV PATH=/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TELLTALE_HOME=/data STREAMLIT_SERVER_ADDRESS=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 8501 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "dashboard/app.py"]
