FROM debian:13
RUN TARGETARCH=$(dpkg --print-architecture) && curl -o /tool https://example.org/tool-$TARGETARCH
RUN curl -o /other https://example.org/other-${TARGETARCH:-$(dpkg --print-architecture)}
RUN echo \$TARGETARCH
# RUN echo $TARGETARCH
CMD echo $TARGETARCH
