FROM debian:13
RUN echo "deb [arch=amd64 signed-by=/k.gpg] https://download.example.org/linux stable main" > /etc/apt/sources.list.d/x.list
RUN echo "deb [arch=amd64,arm64] https://download.example.org/linux stable main" > /etc/apt/sources.list.d/y.list
RUN echo "deb [arch=$(dpkg --print-architecture)] https://download.example.org/linux stable main" > /etc/apt/sources.list.d/z.list
