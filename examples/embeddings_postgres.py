"""Stores embeddings in PostgreSQL and finds the nearest text.

Uses a `vector` column where the server has the pgvector extension. Debian 12 does not package pgvector for its
PostgreSQL 15, so without it the column is a plain real[] and the distance is computed in SQL: exact, but without an index.

    pip install openai "psycopg[binary]"
    GATEWAY_KEY=gk-... DATABASE_URL=postgresql://localhost/test python examples/embeddings_postgres.py
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


def embed(inputs: list[str]) -> list[list[float]]:
    answer = client.embeddings.create(model=model, input=inputs, dimensions=dimensions)
    return [item.embedding for item in answer.data]


with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
    with_pgvector = database.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()
    if with_pgvector:
        database.execute("CREATE EXTENSION IF NOT EXISTS vector")
        column, distance = f"vector({dimensions})", "embedding <-> %s::vector"
    else:
        column = "real[]"
        distance = "(SELECT sqrt(sum((a - b) ^ 2)) FROM unnest(embedding, %s::real[]) AS pair(a, b))"
    database.execute(f"CREATE TABLE IF NOT EXISTS passages (id serial PRIMARY KEY, text text, embedding {column})")

    def stored(vector: list[float]):
        return str(vector) if with_pgvector else vector

    for text, vector in zip(texts, embed(texts)):
        database.execute("INSERT INTO passages (text, embedding) VALUES (%s, %s)", (text, stored(vector)))

    question = texts[1]
    nearest = database.execute(
        f"SELECT text FROM passages ORDER BY {distance} LIMIT 1", (stored(embed([question])[0]),)
    ).fetchone()
    print(f"stored {len(texts)} embeddings as {column}")
    print("nearest:", nearest[0])
