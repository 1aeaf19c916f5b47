/**
 * The messages of onnx.proto3, complete, with their official numbers (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3), so that a model
 * that is read and written again loses nothing; protobufjs encodes and decodes. The names are those of the standard in camel case.
 */
import protobuf from 'protobufjs/light.js'

/** `number type name`, with `*` after the type of a repeated field. */
const message = (...fields: readonly string[]) => ({
  fields: Object.fromEntries(
    fields.map(field => {
      const [id, type, name] = field.split(' ')
      const repeated = type.endsWith('*')
      return [name, { id: Number(id), type: type.replace('*', ''), ...(repeated && { rule: 'repeated' }) }]
    }),
  ),
})

const root = protobuf.Root.fromJSON({
  nested: {
    StringStringEntry: message('1 string key', '2 string value'),
    Dimension: message('1 int64 dimValue', '2 string dimParam', '3 string denotation'),
    Shape: message('1 Dimension* dim'),
    TensorType: message('1 int32 elemType', '2 Shape shape'),
    SequenceType: message('1 Type elemType'),
    MapType: message('1 int32 keyType', '2 Type valueType'),
    Type: message(
      '1 TensorType tensorType',
      '4 SequenceType sequenceType',
      '5 MapType mapType',
      '6 string denotation',
      '8 TensorType sparseTensorType',
      '9 SequenceType optionalType',
    ),
    ValueInfo: message('1 string name', '2 Type type', '3 string docString', '4 StringStringEntry* metadataProps'),
    Segment: message('1 int64 begin', '2 int64 end'),
    Tensor: message(
      '1 int64* dims',
      '2 int32 dataType',
      '3 Segment segment',
      '4 float* floatData',
      '5 int32* int32Data',
      '6 bytes* stringData',
      '7 int64* int64Data',
      '8 string name',
      '9 bytes rawData',
      '10 double* doubleData',
      '11 uint64* uint64Data',
      '12 string docString',
      '13 StringStringEntry* externalData',
      '14 int32 dataLocation',
      '16 StringStringEntry* metadataProps',
    ),
    SparseTensor: message('1 Tensor values', '2 Tensor indices', '3 int64* dims'),
    Attribute: message(
      '1 string name',
      '2 float f',
      '3 int64 i',
      '4 bytes s',
      '5 Tensor t',
      '6 Graph g',
      '7 float* floats',
      '8 int64* ints',
      '9 bytes* strings',
      '10 Tensor* tensors',
      '11 Graph* graphs',
      '13 string docString',
      '14 Type tp',
      '15 Type* typeProtos',
      '20 int32 type',
      '21 string refAttrName',
      '22 SparseTensor sparseTensor',
      '23 SparseTensor* sparseTensors',
    ),
    Node: message(
      '1 string* input',
      '2 string* output',
      '3 string name',
      '4 string opType',
      '5 Attribute* attribute',
      '6 string docString',
      '7 string domain',
      '8 string overload',
      '9 StringStringEntry* metadataProps',
    ),
    TensorAnnotation: message('1 string tensorName', '2 StringStringEntry* quantParameterTensorNames'),
    Graph: message(
      '1 Node* node',
      '2 string name',
      '5 Tensor* initializer',
      '10 string docString',
      '11 ValueInfo* input',
      '12 ValueInfo* output',
      '13 ValueInfo* valueInfo',
      '14 TensorAnnotation* quantizationAnnotation',
      '15 SparseTensor* sparseInitializer',
      '16 StringStringEntry* metadataProps',
    ),
    OperatorSet: message('1 string domain', '2 int64 version'),
    Function: message(
      '1 string name',
      '4 string* input',
      '5 string* output',
      '6 string* attribute',
      '7 Node* node',
      '8 string docString',
      '9 OperatorSet* opsetImport',
      '10 string domain',
      '11 Attribute* attributeProto',
      '12 ValueInfo* valueInfo',
      '13 string overload',
      '14 StringStringEntry* metadataProps',
    ),
    Model: message(
      '1 int64 irVersion',
      '2 string producerName',
      '3 string producerVersion',
      '4 string domain',
      '5 int64 modelVersion',
      '6 string docString',
      '7 Graph graph',
      '8 OperatorSet* opsetImport',
      '14 StringStringEntry* metadataProps',
      '25 Function* functions',
    ),
  },
})

export const Model = root.lookupType('Model')
