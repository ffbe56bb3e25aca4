FROM debian:13
ARG WITH_CHROME
RUN if [ -n "$WITH_CHROME" ]; then curl -sLO https://example.org/google-chrome-stable_current_amd64.deb; fi
