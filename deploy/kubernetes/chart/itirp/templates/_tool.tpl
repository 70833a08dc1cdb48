{{/* (list root part arguments values): the pod of a command that ends. */}}

{{- define "itirp.tool" -}}
{{- $root := index . 0 }}{{- $part := index . 1 }}{{- $isOurs := ne $part "migration" }}{{- $isKeeping := has $part (list "backup" "drill" "restore") -}}
metadata:
  labels:
    {{- include "itirp.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $part }}
spec:
  {{- include "itirp.podIdentity" $root | nindent 2 }}
  {{- if $isOurs }}
  serviceAccountName: {{ include "itirp.name" $root }}
  {{- end }}
  restartPolicy: Never
  containers:
    - name: itirp
      {{- include "itirp.container" . | nindent 6 }}
      args: [{{ join ", " (index . 2) }}]
      {{- if $isOurs }}
      envFrom:
        - configMapRef: { name: {{ include "itirp.name" $root }} }
      {{- end }}
      env:
        {{- if $isKeeping }}
        - { name: BACKUP_TO, value: {{ $root.Values.backup.to | default "/var/lib/itirp/backups" | quote }} }
        - { name: BACKUP_KEEP_DAYS, value: {{ $root.Values.backup.keepDays | quote }} }
        {{- end }}
        {{- include "itirp.secretFiles" . | trim | nindent 8 }}
      resources: {{- toYaml (index . 3).resources | nindent 8 }}
      volumeMounts:
        {{- include "itirp.mounts" . | nindent 8 }}
        {{- if and $isKeeping $root.Values.backup.existingClaim }}
        - { name: backups, mountPath: /var/lib/itirp/backups }
        {{- end }}
  volumes:
    {{- include "itirp.secretVolume" . | nindent 4 }}
    {{- include "itirp.scratch" . | nindent 4 }}
    {{- if and $isKeeping $root.Values.backup.existingClaim }}
    - { name: backups, persistentVolumeClaim: { claimName: {{ $root.Values.backup.existingClaim }} } }
    {{- end }}
{{- end }}
