# The app on port 8501, with no network needed once built. Runs and originals are kept in /home/telltale/data.
FROM python:3.11-slim
RUN useradd --create-home telltale
WORKDIR /home/telltale/app
COPY requirements.txt pyproject.toml README.md ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps -e . && mkdir /home/telltale/data && chown telltale /home/telltale/data
USER telltale
ENV TELLTALE_HOME=/home/telltale/data
VOLUME /home/telltale/data
EXPOSE 8501
CMD ["python", "-m", "streamlit", "run", "dashboard/app.py", "--server.address=0.0.0.0"]
