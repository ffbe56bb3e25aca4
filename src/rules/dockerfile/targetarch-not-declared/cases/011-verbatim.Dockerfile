FROM debian:13
ARG ARCH
COPY <<-"EOF" /entry.sh
	echo $TARGETARCH
EOF
RUN echo '$TARGETARCH' > /text
