{{/* What every pod has in common, whatever it does. */}}

{{/* Who it is for the cluster: nobody. */}}
{{- define "itirp.podIdentity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.scheduling.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* (list root part): the container up to what it is told. */}}
{{- define "itirp.container" -}}
{{- $root := index . 0 -}}
image: {{ include "itirp.image" . | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "itirp.mounts" -}}
- { name: secrets, mountPath: /run/secrets/itirp, readOnly: true }
- { name: data, mountPath: /var/lib/itirp }
- { name: tmp, mountPath: /tmp }
{{- end }}

{{/* Nothing in them outlives the pod. */}}
{{- define "itirp.scratch" -}}
- { name: data, emptyDir: { sizeLimit: 1Gi } }
- { name: tmp, emptyDir: { sizeLimit: 256Mi } }
{{- end }}
