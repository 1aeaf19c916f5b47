# A model as an image: docker build -f dashboards/kubernetes/bundle.Dockerfile -t registry.example/auscult-bundle:1 models/pump
FROM busybox:1.37.0
COPY . /bundle
USER 10001:10001
