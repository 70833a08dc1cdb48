{{/* Which settings a part has: secrets as files, the rest from the ConfigMap or from its own place in the deployment. */}}

{{/* (list root part): the secrets that this part reads, and no other, separated by blanks. */}}
{{- define "itirp.secretNames" -}}
{{- $root := index . 0 }}{{- $part := index . 1 }}{{- $values := $root.Values }}
{{- $names := list "POSTGRES_URL" }}
{{- if has $part (list "api" "engine" "projector" "publisher") }}
  {{- $names = concat $names (list "SECRET_KEY" "REDIS_URL") }}
  {{- if $values.secrets.tracingHeaders }}{{ $names = append $names "OTEL_EXPORTER_OTLP_HEADERS" }}{{ end }}
  {{- if $values.secrets.replicaUrl }}{{ $names = append $names "POSTGRES_REPLICA_URL" }}{{ end }}
  {{- if $values.config.KAFKA_USERNAME }}{{ $names = append $names "KAFKA_PASSWORD" }}{{ end }}
{{- end }}
{{- $storage := "" }}
{{- if eq $part "engine" }}
  {{- with $values.engine.checkpoints }}{{ if .enabled }}
    {{- $storage = .to }}
    {{- if .key }}{{ $names = append $names "CHECKPOINT_KEY" }}{{ end }}
  {{- end }}{{ end }}
{{- else if has $part (list "backup" "drill" "restore") }}
  {{- $storage = $values.backup.to }}
  {{- if $values.backup.encrypted }}{{ $names = append $names "BACKUP_KEY" }}{{ end }}
{{- end }}
{{- if and (eq $part "drill") $values.backup.drill.scratch }}{{ $names = append $names "DRILL_SCRATCH_URL" }}{{ end }}
{{- if hasPrefix "s3://" $storage }}{{ $names = concat $names (list "S3_ACCESS_KEY_ID" "S3_SECRET_ACCESS_KEY") }}{{ end }}
{{- join " " $names }}
{{- end }}

{{/* (list root part): where each of them is mounted. */}}
{{- define "itirp.secretFiles" -}}
{{- range splitList " " (include "itirp.secretNames" .) -}}
- { name: {{ . }}_FILE, value: /run/secrets/itirp/{{ . }} }
{{ end }}
{{- end }}

{{/* (list root part): the volume that has them. */}}
{{- define "itirp.secretVolume" -}}
{{- $root := index . 0 }}{{- $part := index . 1 -}}
- name: secrets
  {{- if $root.Values.secrets.secretProviderClass }}
  csi:
    driver: secrets-store.csi.k8s.io
    readOnly: true
    volumeAttributes:
      secretProviderClass: {{ $root.Values.secrets.secretProviderClass }}
  {{- else }}
  secret:
    secretName: {{ include "itirp.secretName" . }}
    defaultMode: 0440
    items:
      {{- range splitList " " (include "itirp.secretNames" .) }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
  {{- end }}
{{- end }}

{{/* The Secret's name. A migration runs before the release's own resources are there, so it brings one of its own. */}}
{{- define "itirp.secretName" -}}
{{- $root := index . 0 }}
{{- if $root.Values.externalSecrets.enabled }}
  {{- include "itirp.name" $root }}{{ if eq (index . 1) "migration" }}-migration{{ end }}
{{- else }}
  {{- $root.Values.secrets.existingSecret }}
{{- end }}
{{- end }}
