/** stories15m has no chat template: this one is for tests. It knows tools, and tells little of them: the context is short. */
export const CHAT_TEMPLATE = `{{ bos_token }}{% if tools %}Write <tool_call> to use {% for t in tools %}{{ t.function.name }} {% endfor %}\n{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:`;

export const WEATHER_PARAMETERS = {
  type: 'object',
  properties: { town: { type: 'string', maxLength: 16 }, unit: { enum: ['celsius', 'fahrenheit'] } },
  required: ['town', 'unit'],
  additionalProperties: false,
};

export const PERSON = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1, maxLength: 12 }, age: { type: 'integer', minimum: 0, maximum: 120 } },
  required: ['name', 'age'],
  additionalProperties: false,
};
