# An image that tags feedback: docker run --rm -i feedbackclf predict - < reviews.csv > tagged.csv
# The compiler stays in the first stage. Versions are those that the tests run with.

FROM python:3.11-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY pyproject.toml README.md LICENSE requirements.lock ./
COPY tools/build_kernels.py tools/
COPY models/default models/default/
COPY src src/
RUN python -m venv --without-pip /opt/feedbackclf \
 && pip --python /opt/feedbackclf/bin/python install --no-cache-dir --constraint requirements.lock \
    '.[report,serve,xlsx]'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home feedbackclf
COPY --from=build /opt/feedbackclf /opt/feedbackclf
ENV PATH=/opt/feedbackclf/bin:$PATH
USER 10001
WORKDIR /data
EXPOSE 8000
ENTRYPOINT ["feedbackclf"]
CMD ["--help"]
