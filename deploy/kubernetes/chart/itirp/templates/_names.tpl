{{/* What things are called, and the labels that they carry. */}}

{{- define "itirp.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{/* Every pod of this release, and nothing else. */}}
{{- define "itirp.selector" -}}
app.kubernetes.io/name: itirp
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "itirp.labels" -}}
{{ include "itirp.selector" . }}
app.kubernetes.io/part-of: itirp
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* (list root role): the image that this role runs. */}}
{{- define "itirp.image" -}}
{{- $root := index . 0 }}{{- $own := dig (index . 1) "image" dict $root.Values.AsMap }}
{{- $image := $own | default $root.Values.image }}
{{- $root.Values.image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default $root.Chart.AppVersion }}{{ end }}
{{- end }}
