# PgBouncer 1.24, which keeps prepared statements, from Debian 13 itself.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends pgbouncer \
    && rm -rf /var/lib/apt/lists/*
COPY pgbouncer.ini /etc/pgbouncer/pgbouncer.ini
# The password comes from the environment, so that it is in no file of the image.
RUN touch /etc/pgbouncer/userlist.txt && chown postgres /etc/pgbouncer/userlist.txt
USER postgres
CMD ["sh", "-c", "printf '\"parley\" \"%s\"\\n' \"$POSTGRES_PASSWORD\" > /etc/pgbouncer/userlist.txt && exec pgbouncer /etc/pgbouncer/pgbouncer.ini"]
