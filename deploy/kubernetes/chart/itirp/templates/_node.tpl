{{/* (list root role): the pod of a node, one template for all four roles. */}}

{{- define "itirp.node" -}}
{{- $root := index . 0 }}{{- $role := index . 1 }}{{- $own := index $root.Values $role }}
{{- $preStop := $own.preStopSeconds | default 0 | int }}{{- $drain := $own.drainSeconds | int }}
{{- $checkpoints := and (eq $role "engine") $root.Values.engine.checkpoints.enabled -}}
metadata:
  labels:
    {{- include "itirp.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $role }}
  annotations:
    # New settings are new pods.
    checksum/config: {{ include (print $root.Template.BasePath "/config-map.yaml") $root | sha256sum }}
spec:
  {{- include "itirp.podIdentity" $root | nindent 2 }}
  serviceAccountName: {{ include "itirp.name" $root }}
  # Before SIGTERM, the drain, a stop that is given up after 30 s, and a little more.
  terminationGracePeriodSeconds: {{ add $preStop $drain 30 5 }}
  topologySpreadConstraints:
    {{- range $key, $when := dict "topology.kubernetes.io/zone" $root.Values.scheduling.zones "kubernetes.io/hostname" "ScheduleAnyway" }}
    - topologyKey: {{ $key }}
      maxSkew: 1
      whenUnsatisfiable: {{ $when }}
      nodeTaintsPolicy: Honor # a zone whose machines are gone is none
      {{- if ne $role "engine" }}
      matchLabelKeys: [pod-template-hash] # while a new version comes, the old one's pods do not count
      {{- end }}
      labelSelector:
        matchLabels:
          {{- include "itirp.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $role }}
    {{- end }}
  containers:
    - name: itirp
      {{- include "itirp.container" . | nindent 6 }}
      args: [serve]
      envFrom:
        - configMapRef: { name: {{ include "itirp.name" $root }} }
      env:
        - { name: ROLE, value: {{ $role }} }
        - name: NODE_NAME
          valueFrom: { fieldRef: { fieldPath: metadata.name } }
        - { name: HOST, value: 0.0.0.0 }
        - { name: PORT, value: "8000" }
        - { name: DRAIN_MS, value: {{ mul $drain 1000 | quote }} }
        {{- if and (eq $role "api") $root.Values.ingress.enabled }}
        - { name: TRUST_PROXY, value: "true" }
        {{- end }}
        {{- if $root.Values.tls.existingSecret }}
        - { name: TLS_CERT_FILE, value: /run/secrets/itirp-tls/tls.crt }
        - { name: TLS_KEY_FILE, value: /run/secrets/itirp-tls/tls.key }
        {{- end }}
        {{- if $checkpoints }}
        - { name: CHECKPOINT_DIR, value: /var/lib/itirp/checkpoints }
        {{- with $root.Values.engine.checkpoints.to }}
        - { name: CHECKPOINT_TO, value: {{ . | quote }} }
        {{- end }}
        {{- end }}
        {{- include "itirp.secretFiles" . | trim | nindent 8 }}
      ports:
        - { name: http, containerPort: 8000 }
      # A start may have to fold a long journal, or wait for services that come up beside it.
      startupProbe: {{- include "itirp.probe" (list $root "/livez" 5 60) | nindent 8 }}
      livenessProbe: {{- include "itirp.probe" (list $root "/livez" 10 6) | nindent 8 }}
      readinessProbe: {{- include "itirp.probe" (list $root "/readyz" 5 2) | nindent 8 }}
      {{- if $preStop }}
      lifecycle:
        preStop: { sleep: { seconds: {{ $preStop }} } }
      {{- end }}
      resources: {{- toYaml $own.resources | nindent 8 }}
      volumeMounts:
        {{- include "itirp.mounts" . | nindent 8 }}
        {{- if $checkpoints }}
        - { name: checkpoints, mountPath: /var/lib/itirp/checkpoints }
        {{- end }}
        {{- if $root.Values.tls.existingSecret }}
        - { name: tls, mountPath: /run/secrets/itirp-tls, readOnly: true }
        {{- end }}
  volumes:
    {{- include "itirp.secretVolume" . | nindent 4 }}
    {{- include "itirp.scratch" . | nindent 4 }}
    {{- with $root.Values.tls.existingSecret }}
    - { name: tls, secret: { secretName: {{ . }}, defaultMode: 0440 } }
    {{- end }}
{{- end }}

{{/* (list root path period failures) */}}
{{- define "itirp.probe" -}}
httpGet: { path: {{ index . 1 }}, port: http, scheme: {{ ternary "HTTPS" "HTTP" (ne (index . 0).Values.tls.existingSecret "") }} }
periodSeconds: {{ index . 2 }}
failureThreshold: {{ index . 3 }}
timeoutSeconds: 3
{{- end }}
